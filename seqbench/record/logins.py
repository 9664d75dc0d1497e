"""Names and passwords in addresses of servers: what is shown has none, and what asks sends them apart."""

from base64 import b64encode
from urllib.parse import unquote_to_bytes, urlsplit


def apart(address: str) -> tuple[str, dict[str, str]]:
    """An address without its name and password, and the headers of a request that bring them."""
    parts = urlsplit(address)
    login, _, host = parts.netloc.rpartition("@")
    headers = {"Authorization": f"Basic {b64encode(unquote_to_bytes(login)).decode()}"} if login else {}
    return parts._replace(netloc=host).geturl(), headers
