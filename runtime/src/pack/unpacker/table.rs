//! Tables: fields by ordinal, of which any may be absent and some may be unknown.

use super::{UNBOUNDED, Unit, Unpacker};
use crate::pack::table::{Class, Key};
use crate::pack::{Fixed, UnpackError, UnpackErrorKind};

/// Above every ordinal: there is no further field.
const NO_FIELD: u16 = u16::MAX;

impl<'a> Unpacker<'a> {
    /// A table: `body` asks for the fields that it knows, ascending by ordinal, and sees no bytes but the table's.
    ///
    /// Fields that it does not ask for are skipped.
    ///
    /// # Errors
    /// As `body`, or the bytes end within the table, or its fields do not ascend, or one has no ordinal or class.
    ///
    /// ```
    /// # use rpcgen_runtime::pack::{At as _, UnpackLimits, Unpacker};
    /// // @1: u32, absent; @2: string; @3: u16; and @4, which is unknown here.
    /// let bytes = b"\0\0\0\x10\0\x14\0\0\0\x03Ada\0\x19\0\x24\0\x20\x01";
    /// let mut input = Unpacker::new(bytes, &UnpackLimits::default());
    /// let (id, name, age) = input.table(|fields| {
    ///     Ok((
    ///         fields.fixed::<u32>(1).at("id")?,
    ///         fields.string(2, 64).at("name")?.unwrap_or_default(),
    ///         fields.fixed::<u16>(3).at("age")?.unwrap_or(18),
    ///     ))
    /// })?;
    /// assert_eq!((id, name.as_str(), age), (None, "Ada", 36));
    /// # Ok::<(), rpcgen_runtime::pack::UnpackError>(())
    /// ```
    #[inline]
    pub fn table<T>(
        &mut self,
        body: impl FnOnce(&mut TableIn<'_, 'a>) -> Result<T, UnpackError>,
    ) -> Result<T, UnpackError> {
        let length = self.count(UNBOUNDED, Unit::Bytes)? as usize;
        self.within(length, |input| {
            let mut fields = TableIn::new(input);
            let value = body(&mut fields)?;
            fields.end()?;
            Ok(value)
        })
    }
}

/// Reads the fields of a table: see [`Unpacker::table`].
///
/// Fields are asked for ascending by ordinal; one that is asked for too late is not found. `None` is a field that is
/// absent. What is wrong with a field that was not asked for is told by [`Unpacker::table`] at the end, so that it is
/// not taken for the fault of one that was.
#[derive(Debug)]
pub struct TableIn<'i, 'a> {
    input: &'i mut Unpacker<'a>,
    /// The ordinal and class of the field whose value comes next.
    ordinal: u16,
    class: u8,
    failure: Option<UnpackError>,
}

impl<'i, 'a> TableIn<'i, 'a> {
    #[inline]
    fn new(input: &'i mut Unpacker<'a>) -> Self {
        let mut fields = Self { input, ordinal: 0, class: 0, failure: None };
        fields.advance();
        fields
    }

    /// A scalar, enum, flags or time.
    ///
    /// # Errors
    /// It is of another class than its type, the bytes end within it, or they stand for no value.
    #[inline]
    pub fn fixed<T: Fixed>(&mut self, ordinal: u16) -> Result<Option<T>, UnpackError> {
        self.field(ordinal, const { Class::of::<T>() }, Unpacker::fixed)
    }

    /// A string of at most `max` bytes, copied.
    ///
    /// # Errors
    /// It is of another class, or as [`Unpacker::string`].
    #[inline]
    pub fn string(&mut self, ordinal: u16, max: u32) -> Result<Option<String>, UnpackError> {
        self.field(ordinal, Class::LENGTH, |input| input.string(max))
    }

    /// At most `max` bytes, copied.
    ///
    /// # Errors
    /// They are of another class, or as [`Unpacker::bytes`].
    #[inline]
    pub fn bytes(&mut self, ordinal: u16, max: u32) -> Result<Option<Vec<u8>>, UnpackError> {
        self.field(ordinal, Class::LENGTH, |input| input.bytes(max))
    }

    /// Any other type, which `body` reads and which takes all of the bytes announced for it.
    ///
    /// # Errors
    /// It is of another class, the bytes end within it, as `body`, or `body` leaves some of them.
    #[inline]
    pub fn value<T>(
        &mut self,
        ordinal: u16,
        body: impl FnOnce(&mut Unpacker<'a>) -> Result<T, UnpackError>,
    ) -> Result<Option<T>, UnpackError> {
        self.field(ordinal, Class::LENGTH, |input| {
            let length = input.count(UNBOUNDED, Unit::Bytes)? as usize;
            input.within(length, |input| {
                let value = input.held(body)?;
                input.used_all(|left| UnpackErrorKind::FieldTooLong { left, length })?;
                Ok(value)
            })
        })
    }

    /// `value`, or where the field is absent what `make` makes. That takes at most `bytes` of memory beside the field,
    /// which are charged before.
    ///
    /// # Errors
    /// It takes more memory than is left.
    #[inline]
    pub fn or_made<T>(&mut self, value: Option<T>, bytes: u64, make: impl FnOnce() -> T) -> Result<T, UnpackError> {
        if let Some(value) = value {
            return Ok(value);
        }
        self.input.charge_wide(bytes, self.input.offset())?;
        Ok(make())
    }

    /// `value` in a box, whose memory is charged.
    ///
    /// # Errors
    /// It takes more memory than is left.
    #[inline]
    pub fn boxed<T>(&mut self, value: T) -> Result<Box<T>, UnpackError> {
        self.input.charge(size_of::<T>(), self.input.offset())?;
        Ok(Box::new(value))
    }

    /// What `read` reads for the field `ordinal`, if it is there.
    #[inline]
    fn field<T>(
        &mut self,
        ordinal: u16,
        class: Class,
        read: impl FnOnce(&mut Unpacker<'a>) -> Result<T, UnpackError>,
    ) -> Result<Option<T>, UnpackError> {
        if self.ordinal < ordinal {
            self.skip_below(ordinal);
        }
        if self.ordinal != ordinal {
            return Ok(None);
        }
        if self.class != class.number() {
            return Err(self.wrong_class(class));
        }
        let value = read(self.input)?;
        self.advance();
        Ok(Some(value))
    }

    /// Sees to it that the rest of the fields are such.
    #[inline]
    fn end(mut self) -> Result<(), UnpackError> {
        if self.ordinal < NO_FIELD {
            self.skip_below(NO_FIELD);
        }
        self.failure.map_or(Ok(()), Err)
    }

    /// Goes past the fields below `ordinal`. If that fails, there are no further fields.
    #[cold]
    fn skip_below(&mut self, ordinal: u16) {
        while self.ordinal < ordinal {
            match self.skip() {
                Ok(()) => self.advance(),
                Err(error) => self.fail(error),
            }
        }
    }

    /// Goes past the value of a field.
    fn skip(&mut self) -> Result<(), UnpackError> {
        let size = match Class::numbered(self.class).and_then(Class::size) {
            Some(size) => size,
            None => self.input.count(UNBOUNDED, Unit::Bytes)? as usize,
        };
        self.input.take(size).map(|_| ())
    }

    /// Goes on to the value of the next field. If there is none, or its key is wrong, there are no further fields.
    #[inline]
    fn advance(&mut self) {
        if self.input.rest.is_empty() {
            self.ordinal = NO_FIELD;
            return;
        }
        match self.key() {
            Ok(key) => (self.ordinal, self.class) = (key.ordinal(), key.class()),
            Err(error) => self.fail(error),
        }
    }

    /// The next key. They ascend.
    #[inline]
    fn key(&mut self) -> Result<Key, UnpackError> {
        let start = self.input.offset();
        let key: Key = self.input.fixed()?;
        if key.ordinal() > self.ordinal && Class::numbered(key.class()).is_some() {
            return Ok(key);
        }
        Err(UnpackError::new(wrong_key(key, self.ordinal), start))
    }

    #[cold]
    fn fail(&mut self, error: UnpackError) {
        self.ordinal = NO_FIELD;
        self.failure = Some(error);
    }

    /// The offset is that of the key.
    #[cold]
    fn wrong_class(&self, expected: Class) -> UnpackError {
        let kind = UnpackErrorKind::WrongClass { class: self.class, expected: expected.number() };
        UnpackError::new(kind, self.input.offset() - Key::SIZE)
    }
}

/// What is wrong with a key that came behind the field `last`; 0 is none.
#[cold]
fn wrong_key(key: Key, last: u16) -> UnpackErrorKind {
    match key.ordinal() {
        0 => UnpackErrorKind::NoOrdinal { ordinal: 0 },
        ordinal if ordinal == last => UnpackErrorKind::FieldDoubled { ordinal },
        ordinal if ordinal < last => UnpackErrorKind::FieldOrder { ordinal, last },
        ordinal => UnpackErrorKind::ReservedClass { ordinal, class: key.class() },
    }
}
