//! The types whose unpackers are tried: all of these interfaces of `tests/golden`.

#![allow(dead_code, reason = "not every target uses all of it")]

use super::unpack::{Type, agree};

macro_rules! stubs {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[path = $path]
            mod $name;
        )*
    };
}

stubs! {
    aliases: "../../tests/golden/aliases/mod.rs",
    enums: "../../tests/golden/enums/mod.rs",
    errors: "../../tests/golden/errors/mod.rs",
    flags: "../../tests/golden/flags/mod.rs",
    recursion: "../../tests/golden/recursion/mod.rs",
    shapes: "../../tests/golden/shapes/mod.rs",
    structs: "../../tests/golden/structs/mod.rs",
    tables: "../../tests/golden/tables/mod.rs",
    unions: "../../tests/golden/unions/mod.rs",
    views: "../../tests/golden/views/mod.rs",
}

macro_rules! types {
    ($($how:ident $package:ident::$inner:ident::$outer:ident { $($name:ident)* })*; $($viewed:ident as $view:ident)*) => {
        &[
            $($(Type::$how::<$package::$inner::$outer::$name>(concat!(stringify!($package), "::", stringify!($name))),)*)*
            $(Type {
                name: concat!("views::", stringify!($viewed)),
                try_bytes: |bytes, limits| agree::<views::golden::views::$view<'_>>(bytes, limits),
            },)*
        ]
    };
}

/// Their order is what the corpora mean: new ones come last.
pub(crate) const TYPES: &[Type] = types! {
    frozen shapes::interop::shapes { Level Bit Access Mode Point Key Tree }
    evolving shapes::interop::shapes { Profile Everything Shape Nest Refusal }
    frozen tables::golden::tables { Level Colour Access Mode Point Stamp Grid }
    evolving tables::golden::tables { Profile Empty One OneMaybe Everything Optionals Defaults Node Through Copied }
    frozen unions::golden::unions { Circle Large Single Key Only Small Uneven Repeated }
    evolving unions::golden::unions { Label Shape Expr Block Wrapped Named Drawing }
    frozen flags::golden::flags { Access Wide Nothing Mode Full Long Door Doors Refused }
    frozen recursion::golden::recursion { Node Tree Pair Ping Pong Chain Failure Report }
    evolving recursion::golden::recursion { Holder }
    frozen structs::golden::structs { Point Empty Small Fixed Varying ManyBools Repeats Keyed Filled }
    frozen errors::golden::errors { Detail Large ReadError BigError SingleError FloatError Log }
    frozen aliases::golden::aliases { Uses }
    frozen enums::golden::enums { Priority Sign Bit Wide Colour Holder Default0 Ranked }
    frozen views::golden::views { Plain Shape Small }
    evolving views::golden::views { Extra Refused };
    Order as OrderView Customer as CustomerView Line as LineView Gift as GiftView Mixed as MixedView Chain as ChainView
    Odd as OddView
};
