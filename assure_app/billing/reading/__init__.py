"""Read models for screens: frozen, paged, money already text. They never write."""
