//! Versions of a table that read each other's bytes.

use proptest::prelude::*;
use rpcgen_runtime::stub::{self, At as _};

use super::table_types::Profile;
use super::{cases, generate, pack, tables, unpack};

/// The next version of [`Profile`]: `email` is gone, `age` has another default, `nick`, `score` and `boss` are new.
///
/// `table Profile { name @1: string<64>, age @3: u32 = 21, nick @4: string<16>, tags @5: list<string<32>, 16>,
/// score @6: i64 = -1, boss @9: Profile?, reserved @2 }`
#[derive(Debug, Clone, PartialEq)]
struct Next {
    name: String,
    age: u32,
    nick: String,
    tags: Vec<String>,
    score: i64,
    boss: Option<Box<Next>>,
}

impl stub::Pack for Next {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        out.table(|fields| {
            fields.string(1, &self.name, 64).at("name")?;
            fields.fixed(3, &self.age).at("age")?;
            fields.string(4, &self.nick, 16).at("nick")?;
            fields.value(5, |out| out.list(&self.tags, 16, |out, item| out.string(item, 32))).at("tags")?;
            fields.fixed(6, &self.score).at("score")?;
            match &self.boss {
                Some(boss) => fields.value(9, |out| out.value(&**boss)).at("boss"),
                None => Ok(()),
            }
        })
    }
}

impl<'a> stub::Unpack<'a> for Next {
    const MIN_SIZE: usize = 4;

    fn unpack(input: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        input.table(|fields| {
            Ok(Self {
                name: fields.string(1, 64).at("name")?.unwrap_or_default(),
                age: fields.fixed(3).at("age")?.unwrap_or(21),
                nick: fields.string(4, 16).at("nick")?.unwrap_or_default(),
                tags: fields
                    .value(5, |input| input.list(16, 4, |input| input.string(32)))
                    .at("tags")?
                    .unwrap_or_default(),
                score: fields.fixed(6).at("score")?.unwrap_or(-1),
                boss: fields.value(9, stub::Unpacker::boxed).at("boss")?,
            })
        })
    }
}

/// The next version of a profile that has nothing new.
fn upgraded(old: &Profile) -> Next {
    let Profile { name, age, tags, .. } = old.clone();
    Next { name, age, nick: String::new(), tags, score: -1, boss: None }
}

fn next() -> impl Strategy<Value = Next> {
    let one = (tables::profile(), generate::text(16), any::<i64>()).prop_map(|(old, nick, score)| Next {
        nick,
        score,
        ..upgraded(&old)
    });
    one.prop_recursive(3, 3, 1, |boss| {
        (tables::profile(), boss).prop_map(|(old, boss)| Next { boss: Some(Box::new(boss)), ..upgraded(&old) })
    })
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn the_new_version_reads_the_old_ones_bytes(old in tables::profile()) {
        prop_assert_eq!(unpack::<Next>(&pack(&old).unwrap()).unwrap(), upgraded(&old));
    }

    #[test]
    fn the_old_version_reads_the_new_ones_bytes(new in next()) {
        let Next { name, age, tags, .. } = new.clone();
        prop_assert_eq!(unpack::<Profile>(&pack(&new).unwrap()).unwrap(), Profile { name, email: None, age, tags });
    }
}

/// R60: not the one of the writer.
#[test]
fn a_default_is_that_of_the_reader() {
    // A value that was set travels, even where it is the default of the writer.
    let old = Profile::default();
    assert_eq!((old.age, unpack::<Next>(&pack(&old).unwrap()).unwrap().age), (18, 18));
    // Only a version without the field leaves it out.
    let nothing = [0; 4];
    assert_eq!(unpack::<Profile>(&nothing).unwrap().age, 18);
    assert_eq!(unpack::<Next>(&nothing).unwrap().age, 21);
}
