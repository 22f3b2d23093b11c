//! Views agree with the values that they are views of: on what is refused and how, and on what is read.

use proptest::collection::vec;
use proptest::prelude::*;
use rpcgen_runtime::pack::{
    self as stub, At as _, ListView, MapView, OptionView, Text, Unpack, UnpackError, UnpackLimits, Unpacker, View,
};

use super::types::{Op, Person, Problem, Sample};
use super::{cases, generate, pack, unpack_with};

/// The view of a `Person`, as the compiler would make it.
#[derive(Debug, Clone)]
struct PersonView<'a> {
    id: u64,
    name: Text<'a>,
    photo: &'a [u8],
    tags: ListView<'a, &'a str>,
    samples: ListView<'a, Sample>,
    weights: ListView<'a, f32>,
    parent: OptionView<'a, PersonView<'a>>,
    children: ListView<'a, PersonView<'a>>,
    scores: MapView<'a, &'a str, u32>,
    ops: MapView<'a, Op, Option<i64>>,
    lines: [String; 2],
    problem: Option<Problem>,
}

impl<'a> View<'a> for PersonView<'a> {
    type Owned = Person;

    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        Ok(Self {
            id: input.fixed().at("id")?,
            name: input.text(64).at("name")?,
            photo: input.bytes_view(stub::UNBOUNDED).at("photo")?,
            tags: input.list_view(16, 4, |input| input.text(32)).at("tags")?,
            samples: input.fixed_list_view(stub::UNBOUNDED).at("samples")?,
            weights: input.fixed_list_view(4096).at("weights")?,
            parent: input.boxed_option_view(Unpacker::view::<PersonView<'a>>).at("parent")?,
            children: input.list_view(stub::UNBOUNDED, 50, Unpacker::view::<PersonView<'a>>).at("children")?,
            scores: input.map_view(stub::UNBOUNDED, 8, |input| input.text(8), Unpacker::fixed::<u32>).at("scores")?,
            ops: input
                .map_view(8, 2, Unpacker::fixed::<Op>, |input| input.option_view(Unpacker::fixed::<i64>))
                .at("ops")?,
            lines: input.array(|input| input.string(80)).at("lines")?,
            problem: input.option_view(Unpacker::view).at("problem")?,
        })
    }

    fn owned(&self) -> Person {
        Person {
            id: self.id,
            name: self.name.owned(),
            photo: self.photo.owned(),
            tags: self.tags.owned(),
            samples: self.samples.owned(),
            weights: self.weights.owned(),
            parent: self.parent.owned(),
            children: self.children.owned(),
            scores: self.scores.owned(),
            ops: self.ops.owned(),
            lines: self.lines.clone(),
            problem: self.problem.owned(),
        }
    }
}

/// An error is no struct: it is unpacked, and is its own view.
impl<'a> View<'a> for Problem {
    type Owned = Self;

    fn view(input: &mut Unpacker<'a>) -> Result<Self, UnpackError> {
        Unpack::unpack(input)
    }

    fn owned(&self) -> Self {
        self.clone()
    }
}

fn view<'a, V: View<'a>>(bytes: &'a [u8], limits: &UnpackLimits) -> Result<V, UnpackError> {
    let mut input = Unpacker::new(bytes, limits);
    let view = V::view(&mut input)?;
    input.end()?;
    Ok(view)
}

/// Both are refused for the same reason, at the same place; or they hold the same.
fn check_agreement(bytes: &[u8], limits: &UnpackLimits) -> Result<(), TestCaseError> {
    match (view::<PersonView<'_>>(bytes, limits), unpack_with::<Person>(bytes, limits)) {
        // Floats that are no numbers are not equal to themselves: what is packed again is compared.
        (Ok(view), Ok(person)) => prop_assert_eq!(pack(&view.owned()).unwrap(), pack(&person).unwrap()),
        (Err(of_view), Err(of_value)) => prop_assert_eq!(format!("{of_view:?}"), format!("{of_value:?}")),
        (view, person) => prop_assert!(false, "the view is {:?}, the value is {:?}", view, person),
    }
    Ok(())
}

/// What is read of the parts of a person, without a copy of the whole.
fn check_parts(view: &PersonView<'_>, person: &Person) {
    assert_eq!((view.id, view.name.as_str(), view.photo), (person.id, &*person.name, &*person.photo));
    assert!(view.tags.iter().eq(person.tags.iter().map(String::as_str)));
    assert_eq!(view.tags.len(), person.tags.len());
    for (index, sample) in person.samples.iter().enumerate() {
        assert_eq!(pack(&view.samples.get(index).unwrap()).unwrap(), pack(sample).unwrap());
    }
    assert!(view.samples.get(person.samples.len()).is_none());
    assert!(person.scores.iter().all(|(key, value)| view.scores.get(&key.as_str()) == Some(*value)));
    assert!(view.ops.iter().eq(person.ops.iter().map(|(key, value)| (*key, *value))));
    assert_eq!((&view.lines, &view.problem), (&person.lines, &person.problem));
    assert_eq!(view.parent.is_some(), person.parent.is_some());
    if let (Some(view), Some(person)) = (view.parent.get(), &person.parent) {
        check_parts(&view, person);
    }
    assert_eq!(view.children.len(), person.children.len());
    view.children.iter().zip(&person.children).for_each(|(view, person)| check_parts(&view, person));
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn random_bytes(bytes in vec(prop_oneof![4 => Just(0_u8), 2 => 1..9_u8, 1 => any::<u8>()], 0..160)) {
        check_agreement(&bytes, &UnpackLimits::default())?;
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_view_reads_what_was_packed(person in generate::person()) {
        let bytes = pack(&person).unwrap();
        let view = view::<PersonView<'_>>(&bytes, &UnpackLimits::default()).unwrap();
        check_parts(&view, &person);
        prop_assert_eq!(pack(&view.owned()).unwrap(), bytes);
    }

    /// R51: a view has one form, as the value has.
    #[test]
    fn one_byte_changed(person in generate::person(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = pack(&person).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        check_agreement(&bytes, &UnpackLimits::default())?;
    }

    #[test]
    fn bytes_cut_off(person in generate::person(), place in any::<prop::sample::Index>()) {
        let bytes = pack(&person).unwrap();
        check_agreement(&bytes[..place.index(bytes.len())], &UnpackLimits::default())?;
    }

    /// L10, L11: a view is refused where its value is, so a copy of it never takes more than the limit.
    #[test]
    fn limits_of_a_value_hold_for_its_view(person in generate::person(), nesting in 0..9_u32, memory in 0..20_000_usize) {
        check_agreement(&pack(&person).unwrap(), &UnpackLimits { nesting, memory })?;
    }
}

#[test]
fn elements_that_take_no_bytes_are_refused() {
    let mut input = Unpacker::new(&[0; 4], &UnpackLimits::default());
    let refused = input.fixed_list_view::<super::types::Empty>(9).unwrap_err();
    let error = Unpacker::new(&[0; 4], &UnpackLimits::default()).fixed_list::<super::types::Empty>(9).unwrap_err();
    assert_eq!(format!("{refused:?}"), format!("{error:?}"));
}

#[test]
fn lists_within_lists_are_read_in_place() {
    let bytes = b"\0\0\0\x02\0\0\0\x02\0\0\0\x01a\0\0\0\x02bc\0\0\0\x00";
    let mut input = Unpacker::new(bytes, &UnpackLimits::default());
    let inner = |input: &mut Unpacker<'_>| input.list_view::<&str, _>(4, 4, |input| input.text(8)).map(drop);
    let lists: ListView<'_, ListView<'_, &str>> = input.list_view(4, 4, inner).unwrap();
    input.end().unwrap();
    assert_eq!(format!("{lists:?}"), r#"[["a", "bc"], []]"#);
    assert_eq!(lists.to_vec(), [vec!["a".to_owned(), "bc".to_owned()], vec![]]);
}

#[test]
fn views_show_what_they_hold() {
    let text = "é\"".to_owned();
    let bytes = pack(&Name(text.clone())).unwrap();
    let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
    let name = input.text(8).unwrap();
    assert_eq!((name.to_string(), format!("{name:?}")), (text.clone(), format!("{text:?}")));
}

struct Name(String);

impl stub::Pack for Name {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        out.string(&self.0, 8)
    }
}
