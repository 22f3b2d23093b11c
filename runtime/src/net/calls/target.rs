//! Where a channel connects to.

use std::fmt;
use std::io;

use super::options::ChannelOptions;
use crate::net::endpoint::{Endpoint, EndpointError};
use crate::service::Router;
use crate::status::Status;

/// Where connections come from.
#[derive(Debug)]
pub(in crate::net) enum Target {
    /// At least one, in the order in which they are tried.
    Endpoints(Vec<Endpoint>),
    InProcess(Router),
}

impl Target {
    /// Reads one address, or several with commas between, for a channel with these options; checks them too.
    pub(in crate::net) fn at(urls: &str, options: &ChannelOptions) -> Result<Self, Status> {
        options.check().map_err(|error| Status::invalid_argument(error.to_string()).did_not_run())?;
        parse(urls).map_err(|error| Status::invalid_argument(error.to_string()).did_not_run()).map(Self::Endpoints)
    }

    /// The index behind this one, going round.
    pub(super) fn after(&self, index: usize) -> usize {
        match self {
            Self::Endpoints(endpoints) => (index + 1) % endpoints.len().max(1),
            Self::InProcess(_) => 0,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoints(endpoints) => {
                let urls: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
                f.write_str(&urls.join(","))
            }
            Self::InProcess(_) => f.write_str(IN_PROCESS),
        }
    }
}

/// What the peer is called, at either end, where no address lies between.
pub(in crate::net) const IN_PROCESS: &str = "in process";

/// The addresses with their indices, each once, beginning with this one and going round.
pub(in crate::net) fn round(endpoints: &[Endpoint], first: usize) -> impl Iterator<Item = (usize, &Endpoint)> {
    let first = first.min(endpoints.len());
    let (before, behind) = endpoints.split_at(first);
    (first..).zip(behind).chain((0..).zip(before))
}

/// How connecting to one address fails.
pub(in crate::net) fn cannot_connect(endpoint: &Endpoint, error: &io::Error) -> Status {
    Status::unavailable(format!("cannot connect to {endpoint}: {error}")).did_not_run()
}

/// How connecting fails where no address answers.
pub(in crate::net) fn nobody_answers(failures: &[Status]) -> Status {
    let failures: Vec<_> = failures.iter().map(Status::message).collect();
    Status::unavailable(failures.join("; ")).did_not_run()
}

fn parse(urls: &str) -> Result<Vec<Endpoint>, EndpointError> {
    split(urls).into_iter().map(str::parse).collect()
}

/// Splits at the commas behind which an address begins: a path may have commas too.
fn split(urls: &str) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    for (comma, _) in urls.match_indices(',') {
        let scheme = urls[comma + 1..].split_once("://").map(|(scheme, _)| scheme);
        if scheme.is_some_and(|scheme| scheme.chars().all(|letter| letter.is_ascii_alphanumeric())) {
            parts.push(&urls[begin..comma]);
            begin = comma + 1;
        }
    }
    parts.push(&urls[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_where_one_begins() {
        for (urls, parts) in [
            ("tcp://a:1", vec!["tcp://a:1"]),
            ("tcp://a:1,tcp://b:2", vec!["tcp://a:1", "tcp://b:2"]),
            ("unix:///a,b,tcp://b:2", vec!["unix:///a,b", "tcp://b:2"]),
            ("tcp://a:1,", vec!["tcp://a:1,"]),
            ("", vec![""]),
        ] {
            assert_eq!(split(urls), parts);
        }
        assert!(parse("tcp://a:1,http://b:2").is_err());
    }

    #[test]
    fn each_address_has_its_turn_once() {
        let endpoints = parse("tcp://a:1,tcp://b:2,tcp://c:3").expect("three");
        let order = |first| round(&endpoints, first).map(|(index, _)| index).collect::<Vec<_>>();
        assert_eq!([order(0), order(1), order(2), order(3)], [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
        assert!(round(&endpoints, 1).all(|(index, endpoint)| endpoints[index] == *endpoint));
    }
}
