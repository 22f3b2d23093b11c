//! The calls. In each case `old` and `new` say what a client sends, as it gives it to its stub, and what the server gives.
//! `read_as` is what the other version makes of it, where that is not the same.

use rpcgen_runtime::{Channel, Context, Fault, Router, Status};

use super::{Case, Said, Seen, Version, streams};

pub(super) type Plain<T> = Result<T, Status>;

/// Notes what a server was called with.
pub(super) fn saw(seen: &Seen, values: &[String]) {
    *seen.lock().expect("no handler panics") = Some(values.join(", "));
}

/// A server and a client of one version.
macro_rules! version {
    ($version:ident :: $package:ident :: ($service:ident, $client:ident, $server:ident):
        $method:ident($($arg:ident: $ty:ty = $value:expr),*) -> $ret:ty = $gives:expr;
        $(also $other:ident($($it:ident: $it_ty:ty),*) -> $other_ret:ty = $other_gives:expr;)*
        $(read_as $read_as:expr;)?
    ) => {{
        #[allow(clippy::wildcard_imports, unused_imports, reason = "cases name what they need")]
        use crate::$version::$package::*;

        struct Handler(Seen);

        #[allow(deprecated, reason = "one method is")]
        impl $service for Handler {
            fn $method(&self, _: &Context, $($arg: $ty),*) -> $ret {
                saw(&self.0, &[$(format!("{:?}", $arg)),*]);
                $gives
            }

            $(fn $other(&self, _: &Context, $($it: $it_ty),*) -> $other_ret {
                saw(&self.0, &[$(format!("{:?}", $it)),*]);
                $other_gives
            })*
        }

        let gives: $ret = $gives;
        Version {
            serve: |seen| Router::new().add($server::new(Handler(seen))),
            #[allow(deprecated, reason = "one method is")]
            call: |channel: Channel| {
                let sent: Vec<String> = vec![$(format!("{:?}", $value)),*];
                (sent.join(", "), $client::new(channel).$method($($value),*).said())
            },
            gives: gives.said().unwrap_or_default(),
            #[allow(unused_assignments, unused_mut, reason = "most cases do without")]
            read_as: { let mut read_as = None; $(read_as = Some($read_as);)? read_as },
        }
    }};
}

/// A rule whose two versions have the package of its name and the service `S`.
macro_rules! case {
    ($rule:ident, $there:ident, $back:ident, old { $($old:tt)* } new { $($new:tt)* }) => {
        Case {
            rule: stringify!($rule),
            works: ($there, $back),
            old: version!(old::$rule::(S, SClient, SServer): $($old)*),
            new: version!(new::$rule::(S, SClient, SServer): $($new)*),
        }
    };
}

mod frozen;

const WORKS: bool = true;
const FAILS: bool = false;

/// Every rule.
pub(super) fn cases() -> Vec<Case> {
    [frozen::cases(), numbers(), order(), source(), streams()].into_iter().flatten().collect()
}

/// What breaks because of streams.
fn streams() -> Vec<Case> {
    let [old, new] = streams::item_retyped();
    let plain = version!(old::stream_added::(S, SClient, SServer): swap(a: u32 = 1) -> Plain<u32> = Ok(1););
    vec![
        Case { rule: "stream_item_retyped", works: (FAILS, FAILS), old, new },
        Case { rule: "stream_added", works: (FAILS, FAILS), old: plain, new: streams::added() },
    ]
}

/// What breaks because a number means something else, or was given up.
#[rustfmt::skip]
fn numbers() -> Vec<Case> {
    vec![
        case!(enum_member_renumbered, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(enum_replaced, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: Colour::Red, b: Size::Small }) -> Plain<Thing> = Ok(Thing { a: Colour::Red, b: Size::Small }); }
            new { swap(it: Thing = &Thing { a: Size::Small, b: Size::Small }) -> Plain<Thing> = Ok(Thing { a: Size::Small, b: Size::Small }); }),
        case!(table_field_renumbered, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); }
            new { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); }),
        case!(table_field_retyped, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: u32::MAX }) -> Plain<Thing> = Ok(Thing { a: u32::MAX }); }
            new { swap(it: Thing = &Thing { a: -1 }) -> Plain<Thing> = Ok(Thing { a: -1 }); }),
        case!(table_field_other_class, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(table_ordinal_reused, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: "text".to_owned() }) -> Plain<Thing> = Ok(Thing { a: "text".to_owned() }); }
            new { swap(it: Thing = &Thing { b: vec![u32::MAX] }) -> Plain<Thing> = Ok(Thing { b: vec![u32::MAX] }); }),
        case!(variant_retyped, FAILS, FAILS,
            old { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }
            new { swap(it: Thing = &Thing::A(1.0)) -> Plain<Thing> = Ok(Thing::A(1.0)); }),
        case!(variant_field_added, FAILS, FAILS,
            old { swap(it: Thing = &Thing::A { x: 1 }) -> Plain<Thing> = Ok(Thing::A { x: 1 }); }
            new { swap(it: Thing = &Thing::A { x: 1, y: 2 }) -> Plain<Thing> = Ok(Thing::A { x: 1, y: 2 }); }),
        case!(enum_member_unreserved, WORKS, WORKS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(table_field_unreserved, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); read_as "Thing { a: 1 }"; }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { a: 1, b: 0 }"; }),
        case!(variant_unreserved, WORKS, WORKS,
            old { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }
            new { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }),
        case!(reservation_removed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(method_reservation_removed, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }),
    ]
}

/// What works in one order, or is read as something unknown until all know it.
#[rustfmt::skip]
fn order() -> Vec<Case> {
    vec![
        case!(method_added, WORKS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { more(a: u32 = 1) -> Plain<u32> = Ok(1); also swap(a: u32) -> Plain<u32> = Ok(1); }),
        case!(method_added, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); also more(a: u32) -> Plain<u32> = Ok(1); }),
        Case {
            rule: "service_added",
            works: (FAILS, FAILS),
            old: version!(old::service_added::(S, SClient, SServer): swap(a: u32 = 1) -> Plain<u32> = Ok(1);),
            new: version!(new::service_added::(Other, OtherClient, OtherServer): more() -> Plain<()> = Ok(());),
        },
        case!(service_added, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(parameter_bound_widened, WORKS, FAILS,
            old { swap(a: &str = "four") -> Plain<u32> = Ok(1); }
            new { swap(a: &str = "seventy") -> Plain<u32> = Ok(1); }),
        case!(parameter_bound_narrowed, FAILS, WORKS,
            old { swap(a: &str = "seventy") -> Plain<u32> = Ok(1); }
            new { swap(a: &str = "four") -> Plain<u32> = Ok(1); }),
        case!(result_bound_widened, FAILS, WORKS,
            old { swap() -> Plain<Vec<u32>> = Ok(vec![1]); }
            new { swap() -> Plain<Vec<u32>> = Ok(vec![1, 2]); }),
        case!(field_bound_widened, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: "four".to_owned() }) -> Plain<Thing> = Ok(Thing { a: "four".to_owned() }); }
            new { swap(it: Thing = &Thing { a: "seventy".to_owned() }) -> Plain<Thing> = Ok(Thing { a: "seventy".to_owned() }); }),
        case!(field_bound_widened, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: "four".to_owned() }) -> Plain<Thing> = Ok(Thing { a: "four".to_owned() }); }
            new { swap(it: Thing = &Thing { a: "five".to_owned() }) -> Plain<Thing> = Ok(Thing { a: "five".to_owned() }); }),
        case!(throws_added, FAILS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); also other() -> Result<(), Fault<Failure>> = Ok(()); }
            new { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Err(Failure::Failed.into()); also other() -> Result<(), Fault<Failure>> = Ok(()); }),
        case!(throws_added, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); also other() -> Result<(), Fault<Failure>> = Ok(()); }
            new { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Ok(1); also other() -> Result<(), Fault<Failure>> = Ok(()); }),
        case!(throws_removed, WORKS, FAILS,
            old { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Err(Failure::Failed.into()); also other() -> Result<(), Fault<Failure>> = Ok(()); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); also other() -> Result<(), Fault<Failure>> = Ok(()); }),
        case!(throws_removed, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Ok(1); also other() -> Result<(), Fault<Failure>> = Ok(()); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); also other() -> Result<(), Fault<Failure>> = Ok(()); }),
        case!(error_variant_added, FAILS, WORKS,
            old { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Err(Failure::Failed.into()); }
            new { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Err(Failure::Refused.into()); }),
        case!(error_variant_added, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Err(Failure::Failed.into()); }
            new { swap(a: u32 = 1) -> Result<u32, Fault<Failure>> = Err(Failure::Failed.into()); }),
        case!(enum_member_added, WORKS, WORKS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::B) -> Plain<Thing> = Ok(Thing::B); read_as "Unknown(UnknownThing(2))"; }),
        case!(enum_member_removed, WORKS, WORKS,
            old { swap(it: Thing = Thing::B) -> Plain<Thing> = Ok(Thing::B); read_as "Unknown(UnknownThing(2))"; }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(flags_member_added, WORKS, WORKS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::B) -> Plain<Thing> = Ok(Thing::B); read_as "Thing(0x2)"; }),
        case!(variant_added, WORKS, WORKS,
            old { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }
            new { swap(it: Thing = &Thing::B("text".to_owned())) -> Plain<Thing> = Ok(Thing::B("text".to_owned())); read_as "Unknown(UnknownThing(UnknownVariant { ordinal: 2, bytes: [0, 0, 0, 4, 116, 101, 120, 116] }))"; }),
        case!(variant_removed, WORKS, WORKS,
            old { swap(it: Thing = &Thing::B) -> Plain<Thing> = Ok(Thing::B); read_as "Unknown(UnknownThing(UnknownVariant { ordinal: 2, bytes: [] }))"; }
            new { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }),
        case!(table_field_made_optional, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { a: Some(1) }"; }
            new { swap(it: Thing = &Thing { a: None }) -> Plain<Thing> = Ok(Thing { a: None }); read_as "Thing { a: 7 }"; }),
        case!(table_field_made_required, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: None }) -> Plain<Thing> = Ok(Thing { a: None }); read_as "Thing { a: 7 }"; }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { a: Some(1) }"; }),
    ]
}

/// What works whatever is rolled out first.
#[rustfmt::skip]
fn source() -> Vec<Case> {
    vec![
        case!(table_field_added, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as r#"Thing { a: 1, b: "none" }"#; }
            new { swap(it: Thing = &Thing { a: 1, b: "some".to_owned() }) -> Plain<Thing> = Ok(Thing { a: 1, b: "some".to_owned() }); read_as "Thing { a: 1 }"; }),
        case!(table_field_removed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); read_as "Thing { a: 1 }"; }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { a: 1, b: 0 }"; }),
        case!(table_field_renamed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { b: 1 }"; }
            new { swap(it: Thing = &Thing { b: 1 }) -> Plain<Thing> = Ok(Thing { b: 1 }); read_as "Thing { a: 1 }"; }),
        case!(type_renamed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Other { a: 1 }"; }
            new { swap(it: Other = &Other { a: 1 }) -> Plain<Other> = Ok(Other { a: 1 }); read_as "Thing { a: 1 }"; }),
        case!(type_replaced, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: Old { x: 1 }, b: New { x: 2 } }) -> Plain<Thing> = Ok(Thing { a: Old { x: 1 }, b: New { x: 2 } }); read_as "Thing { a: New { x: 1 }, b: New { x: 2 } }"; }
            new { swap(it: Thing = &Thing { a: New { x: 1 }, b: New { x: 2 } }) -> Plain<Thing> = Ok(Thing { a: New { x: 1 }, b: New { x: 2 } }); read_as "Thing { a: Old { x: 1 }, b: New { x: 2 } }"; }),
        case!(type_removed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(field_renamed_with_wire, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { b: 1 }"; }
            new { swap(it: Thing = &Thing { b: 1 }) -> Plain<Thing> = Ok(Thing { b: 1 }); read_as "Thing { a: 1 }"; }),
        case!(parameter_renamed_with_wire, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(b: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(method_renamed_with_id, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { exchange(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(enum_member_renamed, WORKS, WORKS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); read_as "B"; }
            new { swap(it: Thing = Thing::B) -> Plain<Thing> = Ok(Thing::B); read_as "A"; }),
        case!(variant_renamed, WORKS, WORKS,
            old { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); read_as "B(1)"; }
            new { swap(it: Thing = &Thing::B(1)) -> Plain<Thing> = Ok(Thing::B(1)); read_as "A(1)"; }),
        case!(variant_field_renamed, WORKS, WORKS,
            old { swap(it: Thing = &Thing::A { x: 1 }) -> Plain<Thing> = Ok(Thing::A { x: 1 }); read_as "A { y: 1 }"; }
            new { swap(it: Thing = &Thing::A { y: 1 }) -> Plain<Thing> = Ok(Thing::A { y: 1 }); read_as "A { x: 1 }"; }),
        case!(enum_to_number, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: Kind::A }) -> Plain<Thing> = Ok(Thing { a: Kind::A }); read_as "Thing { a: 1 }"; }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { a: A }"; }),
        case!(default_changed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 2 }) -> Plain<Thing> = Ok(Thing { a: 2 }); }),
        case!(constant_changed, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(trait_lost, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); read_as "Thing { a: 1, b: 0.0 }"; }
            new { swap(it: Thing = &Thing { a: 1, b: 2.0 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2.0 }); read_as "Thing { a: 1 }"; }),
        case!(deadline_changed, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(deprecated, WORKS, WORKS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(harmless, WORKS, WORKS,
            old { swap(it: Thing = &Thing { a: Inner { a: 1 }, b: 2 }) -> Plain<Thing> = Ok(Thing { a: Inner { a: 1 }, b: 2 }); also other() -> Plain<()> = Ok(()); read_as "Thing { b: 2, a: Inner { a: 1 } }"; }
            new { swap(it: Thing = &Thing { a: Inner { a: 1 }, b: 2 }) -> Plain<Thing> = Ok(Thing { a: Inner { a: 1 }, b: 2 }); also other() -> Plain<()> = Ok(()); read_as "Thing { a: Inner { a: 1 }, b: 2 }"; }),
    ]
}
