//! The calls whose frozen parts change.

use rpcgen_runtime::{Channel, Context, Fault, Router};

use super::{Case, FAILS, Plain, Said as _, Seen, Version, WORKS, saw};

/// What breaks because frozen things change.
#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            rule: "service_renamed",
            works: (FAILS, FAILS),
            old: version!(old::service_renamed::(S, SClient, SServer): swap(a: u32 = 1) -> Plain<u32> = Ok(1);),
            new: version!(new::service_renamed::(T, TClient, TServer): swap(a: u32 = 1) -> Plain<u32> = Ok(1);),
        },
        Case {
            rule: "package_renamed",
            works: (FAILS, FAILS),
            old: version!(old::package_renamed::(S, SClient, SServer): swap(a: u32 = 1) -> Plain<u32> = Ok(1);),
            new: version!(new::package_renamed_now::(S, SClient, SServer): swap(a: u32 = 1) -> Plain<u32> = Ok(1);),
        },
        case!(method_removed, FAILS, WORKS,
            old { gone() -> Plain<u32> = Ok(1); also kept() -> Plain<u32> = Ok(1); }
            new { kept() -> Plain<u32> = Ok(1); }),
        case!(method_renamed, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { exchange(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(method_renamed_and_reserved, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { exchange(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(method_renamed_to_one_of_two, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { exchange(a: u32 = 1) -> Plain<u32> = Ok(1); also trade(a: u32) -> Plain<u32> = Ok(1); }),
        case!(method_id_changed, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(field_added, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); }),
        case!(field_removed, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); }
            new { swap(it: Thing = &Thing { b: 2 }) -> Plain<Thing> = Ok(Thing { b: 2 }); }),
        case!(field_moved, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1, b: 2 }) -> Plain<Thing> = Ok(Thing { a: 1, b: 2 }); }
            new { swap(it: Thing = &Thing { b: 2, a: 1 }) -> Plain<Thing> = Ok(Thing { b: 2, a: 1 }); }),
        case!(field_renamed, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { b: 1 }) -> Plain<Thing> = Ok(Thing { b: 1 }); }),
        case!(field_retyped, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(parameter_added, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1, b: u32 = 2) -> Plain<u32> = Ok(1); }),
        case!(parameter_removed, FAILS, FAILS,
            old { swap(a: u32 = 1, b: u32 = 2) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(parameters_moved, FAILS, FAILS,
            old { swap(a: u32 = 1, b: u32 = 2) -> Plain<u32> = Ok(1); }
            new { swap(b: u32 = 2, a: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(parameter_renamed, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(b: u32 = 1) -> Plain<u32> = Ok(1); }),
        case!(parameter_retyped, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u64 = 1) -> Plain<u32> = Ok(1); }),
        case!(result_added, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<(u32, u32)> = Ok((1, 2)); }),
        case!(results_moved, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<(u32, u32)> = Ok((1, 2)); }
            new { swap(a: u32 = 1) -> Plain<(u32, u32)> = Ok((2, 1)); }),
        case!(result_retyped, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<u32> = Ok(1); }
            new { swap(a: u32 = 1) -> Plain<i32> = Ok(1); }),
        case!(optional_added, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: Some(1) }) -> Plain<Thing> = Ok(Thing { a: Some(1) }); }),
        case!(array_length, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: [1; 3] }) -> Plain<Thing> = Ok(Thing { a: [1; 3] }); }
            new { swap(it: Thing = &Thing { a: [1; 4] }) -> Plain<Thing> = Ok(Thing { a: [1; 4] }); }),
        case!(map_key, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: [(1, 2)].into() }) -> Plain<Thing> = Ok(Thing { a: [(1, 2)].into() }); }
            new { swap(it: Thing = &Thing { a: [(1, 2)].into() }) -> Plain<Thing> = Ok(Thing { a: [(1, 2)].into() }); }),
        case!(list_element, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: vec![1] }) -> Plain<Thing> = Ok(Thing { a: vec![1] }); }
            new { swap(it: Thing = &Thing { a: vec![1.0] }) -> Plain<Thing> = Ok(Thing { a: vec![1.0] }); }),
        case!(alias_retyped, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(oneway_added, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Plain<()> = Ok(()); }
            new { swap(a: u32 = 1) -> () = (); }),
        case!(throws_another, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Result<u32, Fault<Old>> = Err(Old::Failed { a: u32::MAX }.into()); }
            new { swap(a: u32 = 1) -> Result<u32, Fault<New>> = Err(New::Refused { b: -1 }.into()); also other() -> Result<(), Fault<Old>> = Ok(()); }),
        case!(error_field_retyped, FAILS, FAILS,
            old { swap(a: u32 = 1) -> Result<u32, Fault<Old>> = Err(Old::Failed { a: u32::MAX }.into()); }
            new { swap(a: u32 = 1) -> Result<u32, Fault<Old>> = Err(Old::Failed { a: -1 }.into()); }),
        case!(struct_to_table, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }
            new { swap(it: Thing = &Thing { a: 1 }) -> Plain<Thing> = Ok(Thing { a: 1 }); }),
        case!(nested_otherwise, FAILS, FAILS,
            old { swap(it: Thing = &Thing { a: 1, next: None }) -> Plain<Thing> = Ok(Thing { a: 1, next: None }); }
            new { swap(it: Thing = &Thing { a: 1, next: None }) -> Plain<Thing> = Ok(Thing { a: 1, next: None }); }),
        case!(closed_enum_member_added, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(closed_enum_member_removed, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(closed_enum_member_renamed, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::B) -> Plain<Thing> = Ok(Thing::B); }),
        case!(closed_enum_member_renumbered, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(closed_flags_member_added, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(closed_union_variant_added, FAILS, FAILS,
            old { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }
            new { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }),
        case!(closed_union_field_renamed, FAILS, FAILS,
            old { swap(it: Thing = &Thing::A { x: 1 }) -> Plain<Thing> = Ok(Thing::A { x: 1 }); }
            new { swap(it: Thing = &Thing::A { y: 1 }) -> Plain<Thing> = Ok(Thing::A { y: 1 }); }),
        case!(enum_closed, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(union_opened, FAILS, FAILS,
            old { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }
            new { swap(it: Thing = &Thing::A(1)) -> Plain<Thing> = Ok(Thing::A(1)); }),
        case!(enum_base, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
        case!(flags_base, FAILS, FAILS,
            old { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }
            new { swap(it: Thing = Thing::A) -> Plain<Thing> = Ok(Thing::A); }),
    ]
}
