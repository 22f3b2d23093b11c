//! Names every byte of a call.

use anyhow::{Context as _, Result};
use rpcgen_runtime::wire::{Header, Preface};

/// Shows what the two sides said to each other first.
pub(crate) fn prefaces(hello: &[u8], welcome: &[u8]) -> Result<()> {
    println!("Each side began with a preface of 16 bytes:");
    for (who, bytes) in [("client", hello), ("server", welcome)] {
        let bytes = bytes.get(..Preface::SIZE).context("no preface")?;
        let preface = Preface::decode(bytes)?.context("half a preface")?;
        println!("  {who}  {}  {preface:?}", hex(bytes));
    }
    Ok(())
}

/// Shows the nine steps of `divide(7, 2)`.
pub(crate) fn call(request: &[u8], reply: &[u8], quotient: i32) -> Result<()> {
    println!("\nThe nine steps of calculator.divide(7, 2):");
    println!("1. The caller calls the client stub, as if it were a local function.");
    println!("2. The client stub packs the method and its arguments into {} bytes:", request.len());
    let header = frame(request)?;
    println!("     {}  shape of divide, which both sides must agree about", part(request, 16..20)?);
    println!("     {}  a = {}", part(request, 20..24)?, number(request, 20..24)?);
    println!("     {}  b = {}", part(request, 24..28)?, number(request, 24..28)?);
    println!("3. The channel sends them: one system call.");
    println!("4. The server reads them: one system call.");
    println!("5. The server stub finds method {:#010x}, checks the shape, and unpacks a and b.", header.argument);
    println!("6. It calls the implementation, which divides.");
    println!("7. The server stub packs the result into {} bytes:", reply.len());
    frame(reply)?;
    println!("     {}  result = {}", part(reply, 16..20)?, number(reply, 16..20)?);
    println!("8. The server sends them, and the channel gives them to the stub that waits for call {}.", header.call);
    println!("9. The client stub unpacks the result and returns it: Ok({quotient})");
    Ok(())
}

/// Shows the header of a frame.
fn frame(bytes: &[u8]) -> Result<Header> {
    let header = Header::decode(bytes.first_chunk().context("no header")?, u32::MAX)?;
    let fields = [
        (0..4, format!("length: {} bytes follow the header", header.length)),
        (4..5, format!("kind: {:?}", header.kind)),
        (5..6, "flags: none".to_owned()),
        (6..8, "extensions: none".to_owned()),
        (8..12, format!("call: {}", header.call)),
        (12..16, format!("argument: {:#010x}", header.argument)),
    ];
    for (range, meaning) in fields {
        println!("     {}  {meaning}", part(bytes, range)?);
    }
    Ok(header)
}

/// Some bytes in hexadecimal, as wide as four.
fn part(bytes: &[u8], range: std::ops::Range<usize>) -> Result<String> {
    let bytes = bytes.get(range).context("the message is too short")?;
    Ok(format!("{:<11}", hex(bytes)))
}

fn number(bytes: &[u8], range: std::ops::Range<usize>) -> Result<i32> {
    let bytes = bytes.get(range).context("the message is too short")?;
    Ok(i32::from_be_bytes(bytes.try_into()?))
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}
