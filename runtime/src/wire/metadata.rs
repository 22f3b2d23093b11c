//! What is said beside arguments and results: keys and values.

use std::fmt;

/// Bytes of the count that packed metadata begins with.
const COUNT: usize = 2;

/// Keys and values that travel beside the arguments of a call, or beside its answer: a request's number, a token, which
/// replica answered. Their order is kept, and a key may stand several times.
///
/// A key is one or more of `a`–`z`, `0`–`9`, `-`, `_` and `.`: what gRPC allows too, so that metadata can be handed on there or
/// as a header of HTTP, and no two keys differ in case only. Any key can be put in here; a call or an answer with another
/// one is refused when it is sent. A value is any bytes.
///
/// The extensions of a message have 65,535 bytes at most: metadata takes 6, and for each entry 8 more than its key and value
/// have; in a call, a timeout takes 12 and a trace context 29. What does not fit is refused when it is sent.
///
/// ```
/// use rpcgen_runtime::Metadata;
///
/// let mut metadata = Metadata::from([("request-id", "4711")]);
/// metadata.append("token", [0x00, 0xff]);
/// assert_eq!(metadata.get_text("request-id"), Some("4711"));
/// assert_eq!(metadata.get("token"), Some(&[0x00, 0xff][..]));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// As it travels: `!H`, the count, then for each entry key and value, each behind its length, `!I`. Nothing if there
    /// are no entries.
    packed: Vec<u8>,
}

impl Metadata {
    /// None.
    pub const fn new() -> Self {
        Self { packed: Vec::new() }
    }

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.get_all(key).next()
    }

    /// The first value of a key as text; `None` too where it is not UTF-8.
    pub fn get_text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// All values of a key, in their order.
    pub fn get_all<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(other, _)| *other == key).map(|(_, value)| value)
    }

    /// Adds a value, behind those that the key has.
    pub fn append(&mut self, key: &str, value: impl AsRef<[u8]>) {
        let count = self.packed.first_chunk().map_or(0, |count| u16::from_be_bytes(*count));
        self.packed.resize(self.packed.len().max(COUNT), 0);
        // So many entries that they cannot be counted are too long to be sent.
        self.packed[..COUNT].copy_from_slice(&count.saturating_add(1).to_be_bytes());
        put(&mut self.packed, key.as_bytes());
        put(&mut self.packed, value.as_ref());
    }

    /// Sets a value in place of all that the key has, behind all others.
    pub fn insert(&mut self, key: &str, value: impl AsRef<[u8]>) {
        self.remove(key);
        self.append(key, value);
    }

    /// Takes out all values of a key.
    pub fn remove(&mut self, key: &str) {
        if self.get(key).is_some() {
            *self = self.iter().filter(|(other, _)| *other != key).collect();
        }
    }

    /// Keys and values, in their order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { packed: self.packed.get(COUNT..).unwrap_or_default() }
    }

    /// How many values there are, of all keys together.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// As it travels; nothing if there are no entries.
    pub(crate) fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// What travelled so, and was checked; `None` if there are no entries.
    #[inline]
    pub(crate) fn from_packed(packed: &[u8]) -> Option<Self> {
        (packed.len() > COUNT).then(|| Self { packed: packed.to_vec() })
    }
}

/// Whether this is a count, and so many keys that are allowed, each with a value.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    let Some((count, packed)) = bytes.split_first_chunk() else { return false };
    let mut entries = Iter { packed };
    let is_good = (0..u16::from_be_bytes(*count)).all(|_| entries.next().is_some_and(|(key, _)| is_key(key)));
    is_good && entries.packed.is_empty()
}

/// The first key that is not allowed, for a message: cut to 64 characters.
pub(super) fn bad_key(packed: &[u8]) -> Option<String> {
    let mut entries = Iter { packed: packed.get(COUNT..).unwrap_or_default() };
    entries.find(|(key, _)| !is_key(key)).map(|(key, _)| key.chars().take(64).collect())
}

fn is_key(key: &str) -> bool {
    let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    !key.is_empty() && key.bytes().all(is_allowed)
}

/// Appends bytes behind their length. A length that four bytes cannot say is far too long to be sent.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Bytes behind their length, and what follows them.
fn take(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// The entries of [`Metadata`].
#[derive(Clone)]
pub struct Iter<'a> {
    packed: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, rest) = take(self.packed)?;
        let (value, rest) = take(rest)?;
        let key = std::str::from_utf8(key).ok()?;
        self.packed = rest;
        Some((key, value))
    }
}

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a str, &'a [u8]);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> Extend<(K, V)> for Metadata {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, entries: T) {
        for (key, value) in entries {
            self.append(key.as_ref(), value);
        }
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> FromIterator<(K, V)> for Metadata {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let mut metadata = Self::new();
        metadata.extend(entries);
        metadata
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>, const N: usize> From<[(K, V); N]> for Metadata {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

/// Shows keys, and of the values only how long they are: some are secrets, and this ends up in logs.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.iter().map(|(key, value)| (key, format_args!("{} bytes", value.len()).to_string()));
        f.debug_list().entries(sizes).finish()
    }
}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("left", &self.clone().count()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_their_order() {
        let mut metadata = Metadata::from([("a", "1"), ("b", "2"), ("a", "3")]);
        assert_eq!((metadata.len(), metadata.is_empty()), (3, false));
        assert_eq!(metadata.get_all("a").collect::<Vec<_>>(), [b"1", b"3"]);
        assert_eq!((metadata.get("a"), metadata.get_text("c")), (Some(&b"1"[..]), None));
        metadata.insert("a", [0xff]);
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("b", &b"2"[..]), ("a", &[0xff])]);
        assert_eq!(metadata.get_text("a"), None);
        metadata.remove("a");
        metadata.remove("b");
        assert_eq!(metadata, Metadata::new());
    }

    #[test]
    fn keys_are_those_of_the_page() {
        for good in ["a", "request-id", "x_1.y", "0"] {
            assert!(is_packed(Metadata::from([(good, "")]).packed()), "{good}");
        }
        for bad in ["", "A", "é", "a b", "a:b", "a\0"] {
            let metadata = Metadata::from([("good", ""), (bad, "")]);
            assert!(!is_packed(metadata.packed()), "{bad}");
            assert_eq!(bad_key(metadata.packed()).as_deref(), Some(bad));
        }
    }

    #[test]
    fn more_entries_than_can_be_counted_do_no_harm() {
        let metadata: Metadata = (0..70_000).map(|_| ("k", "")).collect();
        assert_eq!(metadata.len(), 70_000);
        assert!(!is_packed(metadata.packed()));
    }

    #[test]
    fn values_are_not_shown() {
        let shown = format!("{:?}", Metadata::from([("token", "secret")]));
        assert_eq!(shown, r#"[("token", "6 bytes")]"#);
    }
}
