"""Plain HTTP routes beside the pages: sign-in, webhook, downloads, health."""
