use super::*;
use crate::backend::Files;
use crate::backend::rust::{GenerateError, generate};
use crate::load::MemoryReader;
use crate::{Input, check};

const SHOP: &str = "package shop; import \"money.rpc\"; struct Cart { price: money.Price, colour: Colour }
    enum Colour { Red } closed enum Size { S } error Lost { Gone @1 } alias Carts = list<Cart>;
    service Shop { buy(carts: Carts) -> money.Price throws Lost; }";
const MONEY: &str = "package shop.money; import \"units.rpc\"; struct Price { amount: units.Amount }";
const UNITS: &str = "package units; alias Amount = u64;";

fn made(options: &Options) -> Result<Files, OptionsError> {
    let files = [("shop.rpc", SHOP), ("money.rpc", MONEY), ("units.rpc", UNITS)];
    let reader = files.into_iter().fold(MemoryReader::default(), |reader, (path, text)| reader.with(path, text));
    let checked = check(&Input { roots: vec!["shop.rpc".into()], ..Input::default() }, &reader);
    match generate(&checked.program.unwrap(), &checked.sources, options) {
        Ok(files) => Ok(files),
        Err(GenerateError::Options(error)) => Err(error),
        Err(GenerateError::Internal(error)) => panic!("{error}"),
    }
}

fn deriving(item: Option<&str>, path: &str) -> Options {
    let derive = Derive { item: item.map(str::to_owned), path: path.to_owned() };
    Options { derives: vec![derive.clone(), derive], ..Options::default() }
}

fn elsewhere<const N: usize>(externs: [(&str, &str); N]) -> Options {
    let externs = externs.map(|(name, path)| (name.to_owned(), path.to_owned())).into();
    Options { externs, ..Options::default() }
}

fn refused(options: &Options, text: &str) {
    let error = made(options).unwrap_err().to_string();
    assert!(error.contains(text), "{error}");
}

#[test]
fn a_trait_is_derived_for_one_type_once() {
    let shop = &made(&deriving(Some("shop.Cart"), "serde::Serialize")).unwrap()["shop.rs"];
    assert_eq!(shop.matches("serde::Serialize").count(), 1);
    let flat: String = shop.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("Default, serde::Serialize )] pub struct Cart {"), "{shop}");
    let shop = &made(&deriving(Some("shop.Colour"), "serde::Serialize")).unwrap()["shop.rs"];
    assert_eq!(shop.matches("serde::Serialize").count(), 2, "for the values that it does not know, too: {shop}");
}

#[test]
fn a_trait_is_derived_for_all_structs_and_enums() {
    let files = made(&deriving(None, "serde::Serialize")).unwrap();
    assert_eq!(files["shop.rs"].matches("serde::Serialize").count(), 4);
    assert_eq!(files["shop.money.rs"].matches("serde::Serialize").count(), 1);
}

#[test]
fn what_is_derived_anyway_is_not_derived_twice() {
    let plain = made(&Options::default()).unwrap();
    for path in ["Debug", "::core::fmt::Debug", "std::clone::Clone", "PartialEq"] {
        assert_eq!(made(&deriving(None, path)).unwrap(), plain, "{path}");
    }
    assert_eq!(made(&deriving(Some("shop.Colour"), "Ord")).unwrap(), plain, "an enum's order is written out");
}

#[test]
fn derives_that_do_not_fit_are_refused() {
    for path in ["", "serde:Serialize", "Into<u8>", "a, b", "Debug)] struct X; #[derive(Debug"] {
        refused(&deriving(None, path), "is no path of a derive macro");
    }
    refused(&deriving(Some("shop.Crat"), "X"), "is `shop.Cart` meant?");
    refused(&deriving(Some("Cart"), "X"), "there is no type `Cart`");
    for name in ["shop.Carts", "shop.Shop"] {
        refused(&deriving(Some(name), "X"), "no struct, enum or error");
    }
    let money = elsewhere([("shop.money", "::m"), ("units", "::u")]);
    refused(&Options { externs: money.externs, ..deriving(Some("shop.money.Price"), "X") }, "is in `::m`");
}

#[test]
fn a_package_that_is_elsewhere_is_named_by_its_path() {
    let options = elsewhere([("shop.money", "::money_stubs::shop::money"), ("units", "crate::units")]);
    let files = made(&options).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["mod.rs", "shop.rs"]);
    assert!(files["shop.rs"].contains("pub price: ::money_stubs::shop::money::Price,"), "{}", files["shop.rs"]);
    assert!(!files["mod.rs"].contains("money"), "{}", files["mod.rs"]);
}

#[test]
fn packages_that_cannot_be_elsewhere_are_refused() {
    refused(&elsewhere([("shop.mony", "::m")]), "is `shop.money` meant?");
    refused(&elsewhere([("other", "::m")]), "package `other` is not imported");
    refused(&elsewhere([("shop", "::m")]), "leave out one of the two");
    refused(&elsewhere([("shop.money", "::m")]), "say where the code of `units` is, too");
    for path in ["", "m::shop", "::", "::m::", "::m<u8>", "::m; use x", "m.shop"] {
        refused(&elsewhere([("units", path)]), "no path that begins with a crate");
    }
}

#[test]
fn each_side_is_made_where_it_is_wanted() {
    let shop = |client, server| {
        let options = Options { client, server, ..Options::default() };
        made(&options).unwrap().remove("shop.rs").unwrap()
    };
    let (client, server) = ("pub struct ShopClient", "pub trait Shop");
    let types = shop(Presence::Never, Presence::Never);
    assert!(!types.contains(client) && !types.contains(server) && !types.contains("mod rpc_shop"), "{types}");
    let one = shop(Presence::Always, Presence::Never);
    assert!(one.contains(client) && !one.contains(server) && !one.contains("static SERVICE"), "{one}");
    let other = shop(Presence::Never, Presence::Always);
    assert!(!other.contains(client) && other.contains(server) && other.contains("static SERVICE"), "{other}");
    let both = shop(Presence::Feature, Presence::Feature);
    assert_eq!(both.matches("#[cfg(feature = \"client\")]\n").count(), 3, "a struct, its functions, a check: {both}");
    assert!(!shop(Presence::Always, Presence::Always).contains("cfg"));
}

#[test]
fn asynchronous_stubs_may_depend_on_a_feature_of_their_own() {
    let shop = |client, tokio| {
        let options = Options { client, server: client, tokio, ..Options::default() };
        made(&options).unwrap().remove("shop.rs").unwrap()
    };
    let both = shop(Presence::Feature, Presence::Feature);
    for (attribute, count) in [("all(feature = \"client\", feature = \"tokio\")", 3), ("feature = \"client\"", 3)] {
        assert_eq!(both.matches(&format!("#[cfg({attribute})]\n")).count(), count, "{attribute}: {both}");
    }
    let alone = shop(Presence::Always, Presence::Feature);
    assert!(
        alone.contains("#[cfg(feature = \"tokio\")]\n#[derive(Debug, Clone)]\npub struct AsyncShopClient"),
        "{alone}"
    );
    assert!(!shop(Presence::Always, Presence::Always).contains("cfg"));
}

#[test]
fn a_condition_is_said_in_the_fewest_features() {
    let (client, server, tokio) = (Condition::CLIENT, Condition::SERVER, Condition::TOKIO);
    for (condition, attribute) in [
        (client, "feature = \"client\""),
        (client.or(server), "any(feature = \"client\", feature = \"server\")"),
        (server.and(tokio), "all(feature = \"server\", feature = \"tokio\")"),
        (client.and(tokio).or(client), "feature = \"client\""),
        (
            client.or(server).and(tokio),
            "any(all(feature = \"client\", feature = \"tokio\"), all(feature = \"server\", feature = \"tokio\"))",
        ),
        (server.or(client.and(tokio)), "any(feature = \"server\", all(feature = \"client\", feature = \"tokio\"))"),
    ] {
        assert_eq!(condition.attribute(), Some(format!("#[cfg({attribute})]")));
    }
    for condition in [Condition::NEVER, Condition::ALWAYS, Condition::NEVER.and(client), Condition::ALWAYS.or(client)] {
        assert_eq!(condition.attribute(), None);
    }
}
