"""Through which proxy does the harvester ask YouTube?

One address says it all: ``http://``, ``https://``, ``socks5://`` or ``socks5h://`` with user and password
where needed, or ``webshare://USER:PASSWORD`` (``webshare://USER:PASSWORD@de,us`` for addresses in some
countries only), whose every connection leaves from another address. So does that of any user whose name
ends in ``-rotate``, as Webshare and its likes have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from library.errors import ConfigError

#: A refusal by YouTube concerns one of a rotating proxy's addresses: so many are tried in all.
ROTATING_TRIES = 10
_ROTATES = "-rotate"
_SCHEMES = ("http", "https", "socks5", "socks5h")
_WEBSHARE = "p.webshare.io:80"
_HINT = "Write http://user:password@host:port, socks5://host:port or webshare://user:password"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's ``address`` ("" for none), and whether every connection leaves from another one."""

    address: str = field(default="", repr=False)
    rotates: bool = False


def parse(text: str) -> Proxy:
    """The proxy that ``text`` names. Raises ConfigError, which does not repeat the text: it may hold a password."""
    if not text:
        return Proxy()
    scheme, _, rest = text.partition("://")
    if scheme.lower() == "webshare":
        return _webshare(rest)
    try:
        address = urlsplit(text)
        usable = address.scheme in _SCHEMES and address.hostname and (address.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("the address of the proxy cannot be read", hint=_HINT)
    return Proxy(text, rotates=(address.username or "").endswith(_ROTATES))


def _webshare(rest: str) -> Proxy:
    """Webshare's rotating residential proxies: user names end in -rotate, after any countries."""
    login, _, countries = rest.rstrip("/").partition("@")
    user, colon, password = (unquote(part) for part in login.partition(":"))
    if not user or not colon or not password:
        raise ConfigError("the address of the proxy lacks Webshare's user or password", hint=_HINT)
    places = "".join(f"-{country.strip().upper()}" for country in countries.split(",") if country.strip())
    name = quote(user.removesuffix(_ROTATES) + places + _ROTATES, safe="")
    return Proxy(f"http://{name}:{quote(password, safe='')}@{_WEBSHARE}", rotates=True)
