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
    /// `unix:///path/to.sock`, or `unix:///path/to.sock?mode=0660` where the file's permissions matter. A path with a `?`
    /// in it cannot be written.
    Unix {
        /// Where the socket's file is, at most 107 bytes on Linux. A relative one is below the working folder.
        path: PathBuf,
        /// The permissions of the file that a server makes, at most `0o777`: whoever may write may connect. `None` leaves it to the
        /// process's umask. A client ignores it.
        mode: Option<u16>,
    },
    /// `unix:@name`, an abstract socket of Linux, at most 107 bytes: it has no file, so nothing stays behind, and no permissions, so
    /// everybody in the same network namespace may connect.
    Abstract(String),
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
    if let Some(name) = url.strip_prefix("unix:@") {
        return abstract_name(name);
    }
    match url.split_once("://") {
        Some(("tcp", address)) => tcp(address),
        Some(("unix", rest)) => unix(rest),
        Some(_) => Err("the schemes are `tcp://` and `unix://`"),
        None => Err("it must begin with `tcp://` or `unix://`, as in `tcp://127.0.0.1:7000`"),
    }
}

fn unix(rest: &str) -> Result<Endpoint, &'static str> {
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    if path.is_empty() {
        return Err("a path must follow `unix://`, as in `unix:///run/calc.sock`");
    }
    if path.contains('\0') {
        return Err("a path has no zero byte");
    }
    let mode = query.map(mode).transpose()?;
    Ok(Endpoint::Unix { path: path.into(), mode })
}

/// What follows the `?`: the digits are octal, as with chmod.
fn mode(query: &str) -> Result<u16, &'static str> {
    let digits = query.strip_prefix("mode=").ok_or("after `?` only the file's mode may stand, as in `?mode=0660`")?;
    let is_octal = digits.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
    let mode = u16::from_str_radix(digits, 8).ok().filter(|mode| is_octal && *mode <= 0o777);
    mode.ok_or("the mode must be an octal number from 0 to 0777, as in `?mode=0660`")
}

fn abstract_name(name: &str) -> Result<Endpoint, &'static str> {
    if !cfg!(target_os = "linux") {
        return Err("only Linux has abstract sockets; write a path, as in `unix:///run/calc.sock`");
    }
    if name.is_empty() {
        return Err("a name must follow `unix:@`, as in `unix:@calc`");
    }
    if name.contains(['?', '\0']) {
        return Err(
            "the name of an abstract socket has no `?`, since there is no file to set a mode of, and no zero byte",
        );
    }
    Ok(Endpoint::Abstract(name.to_owned()))
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
            Self::Unix { path, mode: None } => write!(f, "unix://{}", path.display()),
            Self::Unix { path, mode: Some(mode) } => write!(f, "unix://{}?mode={mode:04o}", path.display()),
            Self::Abstract(name) => write!(f, "unix:@{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_as_they_are_written() {
        for url in [
            "tcp://127.0.0.1:0",
            "tcp://example.org:7000",
            "tcp://[::1]:7000",
            "unix:///run/a.sock",
            "unix://a",
            "unix:///run/a.sock?mode=0660",
            "unix://a?mode=0000",
            "unix://@a",
            #[cfg(target_os = "linux")]
            "unix:@a",
        ] {
            assert_eq!(url.parse::<Endpoint>().map(|endpoint| endpoint.to_string()), Ok(url.to_owned()));
        }
    }

    #[test]
    fn what_is_no_endpoint_is_told_why() {
        for url in [
            "",
            "127.0.0.1:1",
            "tcp://",
            "tcp://a",
            "tcp://:1",
            "tcp://a:x",
            "tcp://::1:7",
            "http://a:1",
            "unix://",
            "unix:a",
            "unix://a\0b",
            "unix://?mode=0660",
            "unix://a?",
            "unix://a?mode=",
            "unix://a?mode=0o660",
            "unix://a?mode=+660",
            "unix://a?mode=0668",
            "unix://a?mode=1777",
            "unix://a?mode=0660&mode=0666",
            "unix://a?moed=0660",
            "unix:@",
            "unix:@a?mode=0660",
            "unix:@a\0b",
        ] {
            let error = url.parse::<Endpoint>().expect_err(url).to_string();
            assert!(error.starts_with(&format!("`{url}` is no endpoint: ")), "{error}");
        }
    }
}
