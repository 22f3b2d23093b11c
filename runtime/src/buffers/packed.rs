//! What was packed.

/// What was packed, in one piece or, where the last of it is long and was given away, in two: that is sent from where it is.
///
/// ```
/// use rpcgen_runtime::pack::{PackLimits, Packed, Packer, UNBOUNDED};
///
/// let mut packed = Packed::default();
/// Packer::onto(&mut packed, &PackLimits::default()).last_bytes(vec![7; 100_000], UNBOUNDED)?;
/// assert_eq!(packed.len(), 100_004);
/// # Ok::<(), rpcgen_runtime::pack::PackError>(())
/// ```
#[derive(Debug, Default)]
pub struct Packed {
    pub(crate) head: Vec<u8>,
    pub(crate) tail: Vec<u8>,
}

impl Packed {
    /// Bytes in all.
    pub fn len(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops what there is, but keeps memory of at most so many bytes.
    pub(crate) fn empty(&mut self, most: usize) {
        super::empty(&mut self.head, most);
        self.tail = Vec::new();
    }
}

/// One piece.
impl From<Vec<u8>> for Packed {
    fn from(head: Vec<u8>) -> Self {
        Self { head, tail: Vec::new() }
    }
}

/// Two pieces.
impl From<[Vec<u8>; 2]> for Packed {
    fn from([head, tail]: [Vec<u8>; 2]) -> Self {
        Self { head, tail }
    }
}
