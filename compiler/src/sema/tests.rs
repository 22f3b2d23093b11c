//! What the passes find out, from text. What they report is tested by the files in `tests/ui`.

mod damage;

use proptest::prelude::*;

use crate::{
    diag::{Code, Diagnostics},
    ir::{Const, ItemId, ItemKind, Method, Payload, Program, Scalar, Type, Value},
    load::Loaded,
    sema::{analyze, numbers::fnv1a},
    source::SourceMap,
    syntax,
};

fn check(text: &str) -> (Option<Program>, Diagnostics) {
    let mut out = Diagnostics::default();
    let text = format!("package test;\n{text}");
    let file = SourceMap::default().add("test.rpc", text.clone());
    let ast = syntax::parse(file, &text, &mut out);
    let program = analyze(&[Loaded { file, ast, imports: Vec::new(), is_root: true }], &mut out);
    (program, out)
}

fn codes(text: &str) -> Vec<Code> {
    check(text).1.iter().map(|finding| finding.code).collect()
}

fn program(text: &str) -> Program {
    let (program, out) = check(text);
    program.unwrap_or_else(|| panic!("{text}: {:?}", out.iter().take(3).collect::<Vec<_>>()))
}

fn value(declaration: &str) -> Value {
    let program = program(declaration);
    match program.items.last().map(|item| &item.kind) {
        Some(ItemKind::Const(Const { value, .. })) => value.clone(),
        _ => panic!("{declaration}: no constant"),
    }
}

fn method(text: &str) -> Method {
    let items = program(text).items.into_iter();
    let mut methods = items.filter_map(|item| match item.kind {
        ItemKind::Service(service) => service.methods.into_iter().next(),
        _ => None,
    });
    methods.next().unwrap_or_else(|| panic!("{text}: no method"))
}

#[test]
fn constants_have_the_precedence_and_rounding_of_rust() {
    let cases: &[(&str, i128)] = &[
        ("1 + 2 * 3", 1 + 2 * 3),
        ("(1 + 2) * 3", (1 + 2) * 3),
        ("10 - 3 - 2", 10 - 3 - 2),
        ("-7 / 2", -7 / 2),
        ("-7 % 3", -7 % 3),
        ("7 % -3", 7 % -3),
        ("1 << 2 + 3", 1 << (2 + 3)),
        ("1 + 1 << 4", (1 + 1) << 4),
        ("-16 >> 2", -16 >> 2),
        ("6 & 3 | 8", 6 & 3 | 8),
        ("1 | 6 & 4 ^ 5", 1 | 6 & 4 ^ 5),
        ("1 ^ 3 & 2", 1 ^ 3 & 2),
        ("~5 + 1", !5 + 1),
        ("-~5", 6),
        ("- -5", 5),
        ("0xff & 0b1010_1010", 0xff & 0b1010_1010),
        ("0o17 << 4 | 0xF", 0o17 << 4 | 0xF),
        ("1_000 * 1_000", 1_000_000),
        ("12 / 5 * 5 + 12 % 5", 12),
        ("(1 << 126) - 1 + (1 << 126) >> 64", i128::MAX >> 64),
        ("-(1 << 63)", i128::from(i64::MIN)),
    ];
    for (text, expected) in cases {
        assert_eq!(value(&format!("const A: i64 = {text};")), Value::Int(*expected), "{text}");
    }
}

#[test]
fn constants_of_every_type_have_values() {
    assert_eq!(value("const A: f64 = -1.5;"), Value::Float(-1.5));
    assert_eq!(value("const A: f64 = 3;"), Value::Float(3.0));
    assert_eq!(value("const A: f32 = 0.1;"), Value::Float(f64::from(0.1_f32)));
    assert_eq!(value("const A: bool = true;"), Value::Bool(true));
    assert_eq!(value(r#"const A: string<5> = "a\n\"é";"#), Value::String("a\n\"é".to_owned()));
    assert_eq!(value("const A: u32 = B + C; const B: u32 = C; const C: u8 = 2; const D: u32 = A;"), Value::Int(4));
    assert!(matches!(value("enum E { X, Y } alias F = E; const A: F = Y;"), Value::Member(_, 1)));
}

/// An expression with all its parentheses, and what 128-bit arithmetic makes of it.
fn expression() -> impl Strategy<Value = (String, Option<i128>)> {
    let leaf = (0..1_000_000_i128).prop_map(|number| (number.to_string(), Some(number)));
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            (inner.clone(), 0..10_usize, inner.clone()).prop_map(|((a, x), op, (b, y))| {
                let value = x.zip(y).and_then(|(x, y)| apply(op, x, y));
                (format!("({a} {} {b})", SIGNS[op]), value)
            }),
            inner.clone().prop_map(|(a, x)| (format!("-{a}"), x.and_then(i128::checked_neg))),
            inner.prop_map(|(a, x)| (format!("~{a}"), x.map(|x| !x))),
        ]
    })
}

const SIGNS: [&str; 10] = ["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^"];

fn apply(op: usize, x: i128, y: i128) -> Option<i128> {
    let by = u32::try_from(y).ok();
    match SIGNS[op] {
        "+" => x.checked_add(y),
        "-" => x.checked_sub(y),
        "*" => x.checked_mul(y),
        "/" => x.checked_div(y),
        "%" => x.checked_rem(y),
        "<<" => x.checked_shl(by?).filter(|shifted| shifted >> y == x),
        ">>" => x.checked_shr(by?),
        "&" => Some(x & y),
        "|" => Some(x | y),
        _ => Some(x ^ y),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn expressions_are_worth_what_128_bits_say((text, expected) in expression()) {
        let found = check(&format!("const A: i64 = {text};"));
        match expected.filter(|value| i64::try_from(*value).is_ok()) {
            Some(expected) => prop_assert_eq!(value(&format!("const A: i64 = {text};")), Value::Int(expected)),
            None => prop_assert!(found.0.is_none() && found.1.has_errors(), "{}: {:?}", text, found.1),
        }
    }
}

/// R57: the canonical text.
#[test]
fn shapes_are_described_to_the_letter() {
    let cases = [
        ("service S { m(); }", "()->()"),
        ("service S { m(a: i32, bB: string<4>) -> bytes<9>; }", "(a:i32,bB:string)->(bytes)"),
        ("service S { m() -> (only: u8); }", "()->(u8)"),
        ("service S { m() -> (one: u8, two: bool); }", "()->(one:u8,two:bool)"),
        ("service S { oneway m(a: timestamp, b: duration?); }", "oneway(a:timestamp,b:duration?)"),
        ("service S { m(a: list<f32, 3>, b: array<f64?, 4>); }", "(a:list<f32>,b:array<f64?,4>)->()"),
        ("service S { m(a: map<string<3>, list<u8>?, 7>); }", "(a:map<string,list<u8>?>)->()"),
        ("alias A = list<B>; alias B = u16?; service S { m(a: A?); }", "(a:list<u16?>?)->()"),
        ("closed enum E: i8 { B = 1, A = -2 } service S { m(a: E); }", "(a:i8{A=-2,B=1})->()"),
        ("enum E: u16 { A } enum D { A } service S { m(a: E, b: D); }", "(a:u16,b:u32)->()"),
        ("error E { A @1 } service S { m(a: E) throws E; }", "(a:union)->()"),
        ("struct P {} struct Q { p: P, q: P } service S { m(a: Q) -> P; }", "(a:{p:{},q:{}})->({})"),
        ("struct N { next: N?, all: list<N> } service S { m(a: N); }", "(a:{next:^1?,all:list<^1>})->()"),
        (
            "struct A { b: B? } struct B { a: A, c: C? } struct C { a: A, b: B, c: map<u8, C> } service S { m(x: A) -> B; }",
            "(x:{b:{a:^2,c:{a:^3,b:^2,c:map<u8,^1>}?}?})->({a:{b:^2?},c:{a:{b:^3?},b:^2,c:map<u8,^1>}?})",
        ),
        ("table T { a @1: u8 } union U { a @1 } service S { m(a: T) -> U; }", "(a:table)->(union)"),
        ("flags F: u16 { A = 1 } flags G { A = 1 } service S { m(a: F, b: G); }", "(a:u16,b:u32)->()"),
        ("closed flags F: u8 { B = 2, A = 1, C = A | B } service S { m(a: F); }", "(a:flags<u8>{A=1,B=2,C=3})->()"),
        (
            "closed union U { c @9, b @2 { x: u8, y: list<U> }, a @1: u64, d @3 {} } service S { m(a: U); }",
            "(a:union{a@1:u64,b@2{x:u8,y:list<^1>},d@3{},c@9})->()",
        ),
        (
            "struct A { u: U? } closed union U { a @1: A, b @2 { all: list<U>, a: A? } } service S { m(a: A, u: U); }",
            "(a:{u:union{a@1:^2,b@2{all:list<^1>,a:^2?}}?},u:union{a@1:{u:^2?},b@2{all:list<^1>,a:{u:^2?}?}})->()",
        ),
        ("service S { m(a: u8, b: stream list<u8>) -> u8; }", "(a:u8,b:stream<list<u8>>)->(u8)"),
        ("table T {} service S { m(b: stream T) -> stream u8?; }", "(b:stream<table>)->(stream<u8?>)"),
        (
            r#"closed enum E: u8 { @wire("a") B = 1 } closed union U { @wire("old") new @1 { @wire("x") y: E } }
               service S { m(@wire("p") q: U) -> (@wire("r") s: u8, t: u8); }"#,
            "(p:union{old@1{x:u8{a=1}}})->(r:u8,t:u8)",
        ),
    ];
    for (text, expected) in cases {
        let method = method(text);
        assert_eq!(method.shape_text, expected, "{text}");
        assert_eq!(method.shape, fnv1a(expected.as_bytes()));
        assert_eq!(method.number, fnv1a(b"test.S/m"));
    }
}

#[test]
fn fields_that_lead_back_are_marked() {
    let program = program(
        "struct A { a: A?, b: B?, c: list<A>, d: array<Other?, 2>, e: E, f: map<u8, A>, g: Plain }
         alias Other = B;
         struct B { a: A, plain: Plain? }
         struct Plain { x: u8 }
         error E { A @1: A, B @2: Plain, C @3 { a: A? } }",
    );
    let fields = |name: &str| match program.items.iter().find(|item| item.name == name).map(|item| &item.kind) {
        Some(ItemKind::Struct(of)) => of.fields.iter().map(|field| field.recursive).collect::<Vec<_>>(),
        _ => panic!("no struct {name}"),
    };
    assert_eq!(fields("A"), [true, true, false, true, true, false, false]);
    assert_eq!(fields("B"), [true, false]);
    assert_eq!(fields("Plain"), [false]);
}

#[test]
fn fields_of_tables_and_unions_that_lead_back_are_marked() {
    let program = program(
        "table T { t @1: T?, s @2: S, all @3: list<T>, u @4: U?, k @5: K?, n @6: u8, pair @7: array<T?, 2> }
         struct S { t: T? }
         union U { u @1: U, t @2 { t: T, n: u8 }, n @3: u8, all @4: list<U> }
         closed union K { k @1: K, t @2: T, n @3: u8 }
         union Leaf { n @1: u8 }",
    );
    let kind = |name: &str| match program.items.iter().find(|item| item.name == name) {
        Some(item) => &item.kind,
        None => panic!("no {name}"),
    };
    let table = |name: &str| match kind(name) {
        ItemKind::Table(of) => of.fields.iter().map(|field| field.field.recursive).collect::<Vec<_>>(),
        _ => panic!("no table {name}"),
    };
    let payload = |of: &Payload| match of {
        Payload::None => Vec::new(),
        Payload::Type { recursive, .. } => vec![*recursive],
        Payload::Fields(fields) => fields.iter().map(|field| field.recursive).collect(),
    };
    let union = |name: &str| match kind(name) {
        ItemKind::Union(of) => of.variants.iter().flat_map(|variant| payload(&variant.payload)).collect::<Vec<_>>(),
        _ => panic!("no union {name}"),
    };
    assert_eq!(table("T"), [true, true, false, true, true, false, true]);
    assert_eq!(union("U"), [true, true, false, false, false]);
    assert_eq!(union("K"), [true, true, false]);
    assert_eq!(union("Leaf"), [false]);
}

#[test]
fn flags_are_worth_what_their_members_combine() {
    let program =
        program("const X: u64 = 1 << 63; flags F: u64 { A = 1, B = F.A << 1, C = A | B, D = X, E = ~(~C) & D | 4 }");
    let values = match program.items.last().map(|item| &item.kind) {
        Some(ItemKind::Flags(of)) => of.members.iter().map(|member| member.value).collect::<Vec<_>>(),
        _ => panic!("no flags"),
    };
    assert_eq!(values, [1, 2, 3, 1 << 63, 4]);
}

#[test]
fn annotations_reach_the_methods() {
    let text = "const D: duration = 2s; const N: u32 = 7;
                service S { @deadline(D) @id(N + 1) @idempotent @deprecated(\"no\") m(); }";
    let method = method(text);
    assert_eq!((method.deadline, method.number, method.idempotent), (Some(2_000_000_000), 8, true));
    assert_eq!(method.deprecated.as_deref(), Some("no"));
}

#[test]
fn streams_stand_beside_the_other_parameters() {
    let method = method("table T {} service S { m(a: u8, b: stream T?) -> stream u16; }");
    assert_eq!((method.params.len(), method.results.len(), method.has_stream()), (1, 0, true));
    assert_eq!(
        method.stream_in.map(|field| (field.name, field.ty)),
        Some(("b".to_owned(), optional(Type::Item(ItemId(0)))))
    );
    assert_eq!(method.stream_out, Some(Type::Scalar(Scalar::U16)));
}

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

#[test]
fn no_bound_and_the_largest_bound_are_the_same() {
    let of = |text: &str| match program(&format!("alias A = {text};")).items.remove(0).kind {
        ItemKind::Alias(alias) => alias.ty,
        _ => panic!("no alias"),
    };
    assert_eq!(of("string"), Type::String { max: u32::MAX });
    assert_eq!(of("string<4294967295>"), Type::String { max: u32::MAX });
    assert_eq!(of("string<(1 << 4)>"), Type::String { max: 16 });
}

fn many(count: usize, declaration: impl Fn(usize) -> String) -> String {
    (0..count).map(declaration).collect()
}

#[test]
fn long_chains_of_declarations_are_no_deep_calls() {
    let structs = many(10_000, |n| format!("struct S{n} {{ s: S{} }}\n", n + 1)) + "struct S10000 { x: u8 }";
    assert_eq!(program(&structs).items.len(), 10_001);
    let aliases = many(10_000, |n| format!("alias A{n} = A{};\n", n + 1)) + "alias A10000 = u8; struct S { a: A0 }";
    assert_eq!(program(&aliases).items.len(), 10_002);
    let lists = many(10_000, |n| format!("alias A{n} = list<A{}>;\n", n + 1)) + "alias A10000 = u8; struct S { a: A0 }";
    assert_eq!(codes(&lists), [Code::DeepAlias]);
    let tables = many(10_000, |n| format!("table T{n} {{ t @1: T{} }}\n", n + 1)) + "table T10000 { x @1: u8 }";
    assert_eq!(program(&tables).items.len(), 10_001);
    let unions =
        many(10_000, |n| format!("closed union U{n} {{ a @1: U{} }}\n", n + 1)) + "closed union U10000 { a @1 }";
    assert_eq!(program(&unions).items.len(), 10_001);
    let arrays = many(60, |n| format!("alias A{n} = array<A{}, 1>;\n", n + 1)) + "alias A60 = U; union U { a @1 }";
    assert_eq!(codes(&(arrays + "table T { a @1: A0 }")), [Code::NoZero]);
    let flags = many(60, |n| format!("F{} = F{n} << 1, ", n + 1));
    assert!(check(&format!("flags F: u64 {{ F0 = 1, {flags} }}")).0.is_some());
    let consts =
        many(10_000, |n| format!("const C{n}: u32 = C{} + 1;\n", n + 1)) + "const C10000: u32 = 0; const Z: u32 = C0;";
    assert_eq!(value(&consts), Value::Int(10_000));
}

#[test]
fn a_chain_of_structs_in_a_method_is_described_or_refused() {
    let chain = |count| {
        many(count, |n| format!("struct S{n} {{ s: S{} }}\n", n + 1))
            + &format!("struct S{count} {{}} service T {{ m(a: S0); }}")
    };
    assert!(method(&chain(10_000)).shape_text.ends_with("}}})->()"));
    assert_eq!(codes(&chain(20_000)), [Code::ShapeTooLarge]);
    let unions = |count| {
        many(count, |n| format!("closed union U{n} {{ a @1: U{} }}\n", n + 1))
            + &format!("closed union U{count} {{ a @1 }} service T {{ m(a: U0); }}")
    };
    assert!(method(&unions(5_000)).shape_text.contains("union{a@1:union{a@1}}}"));
    assert_eq!(codes(&unions(20_000)), [Code::ShapeTooLarge]);
}

#[test]
fn circles_of_any_length_are_one_finding() {
    let structs = many(10_000, |n| format!("struct S{n} {{ s: S{} }}\n", (n + 1) % 10_000));
    assert_eq!(codes(&structs), [Code::InfiniteType]);
    let tables = many(10_000, |n| format!("table T{n} {{ t @1: T{} }}\n", (n + 1) % 10_000));
    assert_eq!(codes(&tables), [Code::InfiniteType]);
    let aliases =
        many(10_000, |n| format!("alias A{n} = A{};\n", (n + 1) % 10_000)) + "struct S { a: A5, b: map<A7, A8?> }";
    assert_eq!(codes(&aliases), [Code::AliasCycle]);
    let consts =
        many(10_000, |n| format!("const C{n}: u32 = C{} + 1;\n", (n + 1) % 10_000)) + "alias A = list<u8, C1>;";
    assert_eq!(codes(&consts), [Code::ConstCycle]);
}

#[test]
fn structs_that_hold_others_twice_are_no_explosion() {
    let structs =
        many(200, |n| format!("struct S{n} {{ a: list<S{0}>, b: S{0}? }}\n", n + 1)) + "struct S200 { x: u8 }";
    assert_eq!(program(&structs).items.len(), 201);
    assert_eq!(codes(&format!("{structs} service T {{ m(a: S0); n(a: S190); o() -> S2; }}")), [Code::ShapeTooLarge; 2]);
    let unions = many(200, |n| format!("closed union U{n} {{ a @1: U{0}, b @2 {{ x: U{0} }} }}\n", n + 1));
    let unions = unions + "closed union U200 { a @1 } service T { m(a: U0); n(a: U190); o() -> U2; }";
    assert_eq!(codes(&unions), [Code::ShapeTooLarge; 2]);
    let wide = many(100, |n| format!("struct S{n} {{ a: S{0}, b: S{0} }}\n", n + 1)) + "struct S100 { x: u8 }";
    assert_eq!(codes(&wide), [Code::TooWide]);
}

#[test]
fn a_large_enum_is_checked_once() {
    let members = many(100_000, |n| format!("M{n}, "));
    let uses = many(1_000, |n| format!("m{n}(a: E); const_{n}x(b: E) -> E; "));
    let consts = many(1_000, |n| format!("const C{n}: E = M{n};\n"));
    assert!(check(&format!("enum E {{ {members} }} {consts} service S {{ {uses} }}")).0.is_some());
    let closed = codes(&format!("closed enum E {{ {members} }} service S {{ m(a: E); n(a: E); }}"));
    assert_eq!(closed, [Code::ShapeTooLarge; 2]);
    let uses = many(1_000, |n| format!("m{n}(a: U); "));
    let variants = many(8_191, |n| format!("v{n} @{}, ", 8_191 - n));
    assert!(codes(&format!("closed union U {{ {variants} }} service S {{ {uses} }}")).contains(&Code::ShapeTooLarge));
}

#[test]
fn a_text_that_many_constants_name_is_not_copied_without_end() {
    let text = format!("const A: string = \"{}\";\n", "x".repeat(1 << 20));
    let found = codes(&(text + &many(200, |n| format!("const B{n}: string = A;\n"))));
    assert!(found.contains(&Code::OutOfRange));
}

#[test]
fn a_text_that_many_defaults_name_is_not_copied_without_end() {
    let text = format!("const A: string = \"{}\";\n", "x".repeat(1 << 20));
    let fields = many(200, |n| format!("f{n} @{}: string = A, ", n + 1));
    assert!(codes(&format!("{text} table T {{ {fields} }}")).contains(&Code::OutOfRange));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn the_order_in_which_variants_and_members_are_written_leaves_no_trace(
        ordinals in prop::collection::btree_set(1..8_192_u16, 1..20).prop_map(Vec::from_iter).prop_shuffle(),
    ) {
        let written = |text: fn(&u16) -> String| ordinals.iter().map(text).collect::<Vec<_>>().join(", ");
        let variants = written(|ordinal| format!("v{ordinal} @{ordinal}: u8"));
        let members = written(|value| format!("m{value} = {value}"));
        let mut sorted = ordinals.clone();
        sorted.sort_unstable();
        let texts = |text: fn(&u16) -> String| sorted.iter().map(text).collect::<Vec<_>>().join(",");
        let expected = format!(
            "(u:union{{{}}},f:flags<u16>{{{}}})->()",
            texts(|ordinal| format!("v{ordinal}@{ordinal}:u8")),
            texts(|value| format!("m{value}={value}")),
        );
        let text = format!("closed union U {{ {variants} }} closed flags F: u16 {{ {members} }}");
        prop_assert_eq!(method(&(text + "service S { m(u: U, f: F); }")).shape_text, expected);
    }
}
