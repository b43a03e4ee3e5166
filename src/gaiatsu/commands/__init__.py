"""Commands of their own, beside those of `gaiatsu.cli`. Each module is light: it imports what it needs when it runs."""


def words(said: str) -> tuple[str, ...]:
    """What is between commas; one empty word, which no name matches, where there is nothing."""
    return tuple(word.strip() for word in said.split(",") if word.strip()) or ("",)
