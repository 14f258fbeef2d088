"""`python -m api`: the command `wangge`, where its script is not on the path."""

from api.cli import main

main()
