//! Words that `clippy::doc_markdown` wants in backticks, and addresses that rustdoc wants in angle brackets.

/// Names that look like code and are none: the list that clippy has.
const NO_CODE: [&str; 74] = [
    "AccessKit",
    "BibLaTeX",
    "BibTeX",
    "CamelCase",
    "ClojureScript",
    "CoAP",
    "CoffeeScript",
    "CoreFoundation",
    "CoreGraphics",
    "CoreText",
    "DevOps",
    "Direct2D",
    "Direct3D",
    "DirectWrite",
    "DirectX",
    "ECMAScript",
    "EiB",
    "FreeBSD",
    "GHz",
    "GPLv2",
    "GPLv3",
    "GiB",
    "GitHub",
    "GitLab",
    "GraphQL",
    "IPv4",
    "IPv6",
    "InfiniBand",
    "JavaScript",
    "KiB",
    "LaTeX",
    "MHz",
    "MiB",
    "MinGW",
    "NaN",
    "NaNs",
    "NetBSD",
    "NixOS",
    "OAuth",
    "OCaml",
    "OpenAL",
    "OpenAPI",
    "OpenBSD",
    "OpenDNS",
    "OpenExr",
    "OpenGL",
    "OpenMP",
    "OpenSSH",
    "OpenSSL",
    "OpenStreetMap",
    "OpenTelemetry",
    "OpenType",
    "PiB",
    "PostScript",
    "PowerPoint",
    "PowerShell",
    "PureScript",
    "THz",
    "TeX",
    "TensorFlow",
    "TiB",
    "TrueType",
    "TypeScript",
    "WebAssembly",
    "WebGL",
    "WebGL2",
    "WebGPU",
    "WebP",
    "WebRTC",
    "WebSocket",
    "WebTransport",
    "YCbCr",
    "iOS",
    "macOS",
];

/// The part of a word that belongs between backticks, with what stands before and after it.
pub(super) fn code_part(word: &str) -> Option<(&str, &str, &str)> {
    if word.contains(['`', '\\']) || !looks_like_code(word) {
        return None;
    }
    let core = word.trim_start_matches(['(', '"', '\'', '*']);
    let before = &word[..word.len() - core.len()];
    let mut end = core.trim_end_matches(['.', ',', ';', ':', '!', '?', '"', '\'', '*']);
    while end.ends_with(')') && end.matches(')').count() > end.matches('(').count() {
        end = end[..end.len() - 1].trim_end_matches(['.', ',', ';', ':', '!', '?', '"', '\'', '*']);
    }
    Some((before, end, &core[end.len()..]))
}

fn looks_like_code(word: &str) -> bool {
    let is_call = word.match_indices("()").any(|(at, _)| word[..at].ends_with(char::is_alphanumeric));
    let mut parts = word.split(|char: char| !(char.is_alphanumeric() || char == '_' || char == ':'));
    is_call || parts.any(|part| is_code(part.trim_matches(['_', ':'])))
}

fn is_code(part: &str) -> bool {
    part.contains('_') || part.contains("::") || (is_camel_case(part) && !NO_CODE.contains(&part))
}

fn is_camel_case(part: &str) -> bool {
    let part = part.strip_suffix('s').unwrap_or(part);
    let capitals = part.chars().filter(|char| char.is_uppercase()).count();
    let starts_small = part.starts_with(|char: char| char.is_ascii_digit() || char.is_lowercase());
    !starts_small && capitals > 1 && part.chars().any(char::is_lowercase)
}

/// An address in a word, with what stands before and after it.
pub(super) fn address(word: &str) -> Option<(&str, &str, &str)> {
    let start = word.find("https://").or_else(|| word.find("http://"))?;
    let (before, rest) = word.split_at(start);
    let length = rest.find(['<', '>', '`', '\\', '"', '[', ']']).unwrap_or(rest.len());
    let address = rest[..length].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '*']);
    let after = &rest[address.len()..];
    let bracketed = before.ends_with('<') && after.starts_with('>');
    Some(if bracketed { (&before[..before.len() - 1], address, &after[1..]) } else { (before, address, after) })
}
