//! Addresses of servers, as URLs.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a server listens.
///
/// ```
/// use rpcgen_runtime::Endpoint;
///
/// let endpoint: Endpoint = "tcp://127.0.0.1:7000".parse()?;
/// assert_eq!(endpoint, Endpoint::Tcp("127.0.0.1:7000".to_owned()));
/// assert_eq!(endpoint.to_string(), "tcp://127.0.0.1:7000");
/// # Ok::<(), rpcgen_runtime::EndpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `tcp://host:port`; an IPv6 address in brackets. Port 0 lets the system choose one when a server binds to it.
    Tcp(String),
    /// `unix:///path/to.sock`
    Unix(PathBuf),
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no endpoint: {problem}")]
pub struct EndpointError {
    url: String,
    problem: &'static str,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(url: &str) -> Result<Self, EndpointError> {
        parse(url).map_err(|problem| EndpointError { url: url.to_owned(), problem })
    }
}

fn parse(url: &str) -> Result<Endpoint, &'static str> {
    match url.split_once("://") {
        Some(("tcp", address)) => tcp(address),
        Some(("unix", "")) => Err("a path must follow `unix://`, as in `unix:///run/calc.sock`"),
        Some(("unix", path)) => Ok(Endpoint::Unix(path.into())),
        Some(_) => Err("the schemes are `tcp://` and `unix://`"),
        None => Err("it must begin with `tcp://` or `unix://`, as in `tcp://127.0.0.1:7000`"),
    }
}

fn tcp(address: &str) -> Result<Endpoint, &'static str> {
    let (host, port) = address.rsplit_once(':').ok_or("a port must follow, as in `tcp://127.0.0.1:7000`")?;
    if host.is_empty() {
        return Err("a host must stand before the port, as in `tcp://127.0.0.1:7000`");
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err("an IPv6 address must stand in brackets, as in `tcp://[::1]:7000`");
    }
    port.parse::<u16>().map_err(|_| "the port must be a number from 0 to 65535")?;
    Ok(Endpoint::Tcp(address.to_owned()))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_as_they_are_written() {
        for url in ["tcp://127.0.0.1:0", "tcp://example.org:7000", "tcp://[::1]:7000", "unix:///run/a.sock", "unix://a"]
        {
            assert_eq!(url.parse::<Endpoint>().map(|endpoint| endpoint.to_string()), Ok(url.to_owned()));
        }
    }

    #[test]
    fn what_is_no_endpoint_is_told_why() {
        for url in
            ["", "127.0.0.1:1", "tcp://", "tcp://a", "tcp://:1", "tcp://a:x", "tcp://::1:7", "http://a:1", "unix://"]
        {
            let error = url.parse::<Endpoint>().expect_err(url).to_string();
            assert!(error.starts_with(&format!("`{url}` is no endpoint: ")), "{error}");
        }
    }
}
