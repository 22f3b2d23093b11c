//! A relay that stands between a client and a server and keeps a copy of every byte.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Bytes that passed in one direction.
type Copy = Arc<Mutex<Vec<u8>>>;

/// The copies of both directions of one connection.
#[derive(Debug, Clone, Default)]
pub struct Tap {
    to_server: Copy,
    to_client: Copy,
}

impl Tap {
    /// Relays the next connection to a free loopback port to the server at `address`; gives the port's URL.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(&self, address: String) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("tcp://{}", listener.local_addr()?);
        let tap = self.clone();
        thread::spawn(move || {
            if let Err(error) = tap.relay(&listener, &address) {
                eprintln!("the relay has stopped: {error}");
            }
        });
        Ok(url)
    }

    fn relay(&self, listener: &TcpListener, address: &str) -> io::Result<()> {
        let (client, _) = listener.accept()?;
        let server = TcpStream::connect(address)?;
        let (to_server, to_client) = (self.to_server.clone(), self.to_client.clone());
        let (from_client, into_server) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || copy(from_client, into_server, &to_server));
        copy(server, client, &to_client)
    }

    /// What has passed since the last time: to the server, and to the client.
    pub fn take(&self) -> (Vec<u8>, Vec<u8>) {
        let take = |copy: &Copy| std::mem::take(&mut *copy.lock().unwrap_or_else(PoisonError::into_inner));
        (take(&self.to_server), take(&self.to_client))
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, copy: &Copy) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            // The other side may have gone first.
            to.shutdown(Shutdown::Write).unwrap_or_default();
            return Ok(());
        }
        copy.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}
