"""`python -m support_desk` is `support-desk`."""

from support_desk.cli import main

if __name__ == "__main__":
    main()
