"""The database: one engine a process, one unit of work that commits, the migrations."""
