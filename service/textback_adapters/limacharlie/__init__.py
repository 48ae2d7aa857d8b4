"""An extension for LimaCharlie: D&R rules that text a person, and that ask one."""
