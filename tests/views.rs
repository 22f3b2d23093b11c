//! Generated views: they are refused where their values are, read the same, and take and give it in calls.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use proptest::prelude::*;
use proptest::sample::Index;
use rpcgen_runtime::pack::{ListView, Pack, PackLimits, PackList, Packer, Unpack, UnpackLimits, Unpacker, View};
use rpcgen_runtime::{AsyncChannel, CallError, Channel, Context, Fault, Router, Status, stub};

#[path = "golden/views/mod.rs"]
mod views;

use views::golden::lib::geometry::{Path, Point};
use views::golden::views::{
    AsyncDeskClient, Chain, ChainView, Customer, CustomerView, Desk, DeskClient, DeskServer, Extra, Gift, GiftView,
    Line, Mixed, MixedView, Odd, OddView, Order, OrderView, Plain, Refused, Shape, Small,
};

fn packed(value: &impl Pack) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.pack(&mut Packer::new(&mut bytes, &PackLimits::default())).expect("it is within its bounds");
    bytes
}

fn gift() -> Gift {
    let within = Gift { text: "tea".to_owned(), ..Gift::default() };
    let others = vec![within.clone(), Gift::default()];
    let by_name = BTreeMap::from([("a".to_owned(), within.clone()), ("b".to_owned(), Gift::default())]);
    Gift { text: "box".to_owned(), within: Some(Box::new(within)), others, by_name }
}

fn order() -> Order {
    let line = Line { item: "pear".to_owned(), count: 3, sizes: vec![7, 8], gift: Some(gift()) };
    Order {
        id: 7,
        customer: Customer { name: "Zoë".to_owned(), nicknames: vec!["Z".to_owned()], ..Customer::default() },
        lines: vec![line, Line::default()],
        note: Some("soon".to_owned()),
        wanted_by: Some(std::time::UNIX_EPOCH),
        photo: vec![1, 2, 3],
        before: BTreeMap::from([("apple".to_owned(), 1), ("pear".to_owned(), 2)]),
    }
}

fn mixed() -> Mixed {
    let texts = || [String::from("one"), String::from("two")];
    let extra = Extra { comment: "c".to_owned(), shape: Some(Shape::Round(1.5)) };
    Mixed {
        shape: Shape::Named("blob".to_owned()),
        small: Some(Small::Two(2)),
        extra: extra.clone(),
        extras: vec![extra, Extra::default()],
        plain: Plain { maybe: Some(9), shape: None },
        plains: vec![None, Some(Plain { maybe: None, shape: Some(Shape::Round(0.5)) })],
        lines: texts(),
        maybe_lines: Some(texts()),
        many_lines: vec![texts()],
        maybes: [Some(1), None],
        nested: vec![vec![vec![1], vec![]], vec![]],
        texts: vec![None, Some("é".to_owned())],
        deep: Some(BTreeMap::from([(1, BTreeMap::from([("k".to_owned(), vec![vec![1, 2]])]))])),
        points: vec![Point { x: 1.0, y: 2.0 }],
        paths: vec![Path { points: vec![Point { x: 1.0, y: 2.0 }], name: "p".to_owned() }],
        twice: Some(vec![None, Some(vec!["x".to_owned()])]),
    }
}

fn chain() -> Chain {
    let end = Chain { name: "end".to_owned(), next: Box::new(None), halves: [None, None] };
    let half = Some(Box::new(end.clone()));
    Chain { name: "begin".to_owned(), next: Box::new(Some(end)), halves: [half, None] }
}

fn odd() -> Odd {
    Odd { clone: "c".to_owned(), len: 3, iter: vec!["i".to_owned()], r#type: "t".to_owned(), ..Odd::default() }
}

/// Both are refused for the same reason, at the same place; or they hold the same.
fn check_agreement<'a, V>(bytes: &'a [u8], limits: &UnpackLimits) -> Result<(), TestCaseError>
where
    V: View<'a, Owned: Unpack<'a> + Pack + Debug> + Debug,
{
    let (mut of_view, mut of_value) = (Unpacker::new(bytes, limits), Unpacker::new(bytes, limits));
    let view = of_view.view::<V>().and_then(|view| of_view.end().map(|()| view));
    let value = of_value.value::<V::Owned>().and_then(|value| of_value.end().map(|()| value));
    match (view, value) {
        (Ok(view), Ok(value)) => prop_assert_eq!(packed(&view.owned()), packed(&value)),
        (Err(view), Err(value)) => prop_assert_eq!(format!("{view:?}"), format!("{value:?}")),
        (view, value) => prop_assert!(false, "the view is {:?}, the value is {:?}", view, value),
    }
    Ok(())
}

fn check_all(change: impl Fn(Vec<u8>) -> Vec<u8>, limits: &UnpackLimits) -> Result<(), TestCaseError> {
    check_agreement::<OrderView<'_>>(&change(packed(&order())), limits)?;
    check_agreement::<MixedView<'_>>(&change(packed(&mixed())), limits)?;
    check_agreement::<GiftView<'_>>(&change(packed(&gift())), limits)?;
    check_agreement::<ChainView<'_>>(&change(packed(&chain())), limits)?;
    check_agreement::<OddView<'_>>(&change(packed(&odd())), limits)?;
    check_agreement::<Plain>(&change(packed(&mixed().plain)), limits)
}

proptest! {
    #[test]
    fn views_are_refused_where_their_values_are(place: Index, byte: u8, end: Index, is_cut: bool) {
        let change = |mut bytes: Vec<u8>| {
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if is_cut { bytes.truncate(end.index(bytes.len())) }
            bytes
        };
        check_all(change, &UnpackLimits::default())?;
    }

    /// L10, L11: limits hold for views as for values.
    #[test]
    fn limits_hold_for_views(nesting in 0..9_u32, memory in 0..4000_usize) {
        check_all(|bytes| bytes, &UnpackLimits { nesting, memory })?;
    }
}

#[test]
fn what_is_read_in_place_is_what_was_packed() {
    let (bytes, order) = (packed(&order()), order());
    let mut input = Unpacker::new(&bytes, &UnpackLimits::default());
    let view: OrderView<'_> = input.view().unwrap();
    assert_eq!((view.id(), view.customer().name(), view.note()), (7, "Zoë", Some("soon")));
    assert_eq!((view.photo(), view.before().get(&"pear")), (&[1, 2, 3][..], Some(2)));
    let line = view.lines().iter().next().unwrap();
    assert_eq!((line.item(), line.sizes().get(1)), ("pear", Some(8)));
    let gift = line.gift().unwrap();
    assert_eq!(gift.within().map(|gift| gift.text()), Some("tea"));
    assert_eq!(gift.by_name().iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(Order::from(&view), order);
}

#[test]
fn the_copy_of_every_view_is_what_was_packed() {
    fn check<'a, V: View<'a, Owned: PartialEq + Debug>>(bytes: &'a [u8], value: &V::Owned) {
        let view: V = Unpacker::new(bytes, &UnpackLimits::default()).view().unwrap();
        assert_eq!(&view.owned(), value);
    }
    check::<MixedView<'_>>(&packed(&mixed()), &mixed());
    check::<GiftView<'_>>(&packed(&gift()), &gift());
    check::<ChainView<'_>>(&packed(&chain()), &chain());
    check::<OddView<'_>>(&packed(&odd()), &odd());
}

/// Tells what it was told of gifts.
#[derive(Default)]
struct Shop(Arc<Mutex<Vec<String>>>);

impl Desk for Shop {
    fn place(&self, _: &Context, order: OrderView<'_>, tags: ListView<'_, &str>) -> Result<u64, Fault<Refused>> {
        if tags.iter().any(|tag| tag == "never") {
            return Err(Refused::NoSuchOrder { id: order.id() }.into());
        }
        Ok(order.lines().iter().map(|line| u64::from(line.count())).sum())
    }

    fn place_all(&self, _: &Context, orders: ListView<'_, OrderView<'_>>) -> Result<impl PackList<Line>, Status> {
        Ok(orders.iter().flat_map(|order| order.lines().to_vec()).collect::<Vec<_>>())
    }

    fn find(&self, _: &Context, id: u64) -> Result<Order, Fault<Refused>> {
        if id == 7 { Ok(order()) } else { Err(Refused::NoSuchOrder { id }.into()) }
    }

    fn find_two(
        &self,
        _: &Context,
        _: u64,
        second: Option<u64>,
    ) -> Result<(Order, Option<Order>, impl AsRef<str>, u32), Status> {
        Ok((order(), second.map(|_| order()), "why", 2))
    }

    fn mixed(
        &self,
        _: &Context,
        mixed: MixedView<'_>,
        odd: OddView<'_>,
        chain: ChainView<'_>,
        plain: views::golden::views::Plain,
        shape: Shape,
        text: Option<&str>,
        numbers: ListView<'_, u32>,
    ) -> Result<Mixed, Status> {
        let _: &Option<Chain> = chain.next();
        assert_eq!((mixed.shape(), plain.maybe, odd.clone(), odd.len()), (&shape, Some(9), "c", 3));
        assert_eq!((text, numbers.to_vec()), (Some("text"), vec![1, 2]));
        Ok(Mixed::from(&mixed))
    }

    fn count(&self, _: &Context, order: OrderView<'_>) -> Result<u32, Status> {
        u32::try_from(order.lines().len()).map_err(|_| Status::internal("too many"))
    }

    fn tell(&self, _: &Context, gift: GiftView<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(gift.text().to_owned());
    }

    fn import(&self, _: &Context, of: CustomerView<'_>, orders: stub::Receiver<Order>) -> Result<Order, Status> {
        let last = orders.last().transpose()?;
        Ok(Order { customer: Customer::from(&of), ..last.unwrap_or_default() })
    }
}

fn client(shop: Shop) -> DeskClient {
    DeskClient::new(Channel::in_process(Router::new().add(DeskServer::new(shop))).expect("it can be served"))
}

#[test]
fn handlers_take_views() {
    let told = Arc::default();
    let desk = client(Shop(Arc::clone(&told)));
    assert_eq!(desk.place(&order(), &["now".to_owned()]).unwrap(), 3);
    let refused = desk.place(&order(), &["never".to_owned()]).unwrap_err();
    assert!(matches!(refused, CallError::Declared(Refused::NoSuchOrder { id: 7 })), "{refused:?}");
    assert_eq!(desk.place_all(&[order(), order()]).unwrap().len(), 4);
    assert_eq!(desk.count(&order()).unwrap(), 2);
    let sent = mixed();
    let back = desk.mixed(&sent, &odd(), &chain(), &sent.plain, &sent.shape, Some("text"), &[1, 2]).unwrap();
    assert_eq!(back, sent);
    desk.tell(&gift()).unwrap();
    let mut import = desk.import(&order().customer).unwrap();
    import.send(&Order::default()).unwrap();
    assert_eq!(import.finish().unwrap().customer.name, "Zoë");
    assert_eq!(*told.lock().unwrap(), ["box"]);
}

#[test]
fn callers_read_results_in_place() {
    let desk = client(Shop::default());
    assert_eq!(desk.find_in_place(7, |order| order.customer().name().len()).unwrap(), 4);
    let refused = desk.find_in_place(8, |order| order.id()).unwrap_err();
    assert!(matches!(refused, CallError::Declared(Refused::NoSuchOrder { id: 8 })), "{refused:?}");
    let told = desk.find_two_in_place(1, Some(2), |one, two, why, count| {
        (one.id(), two.map(|two| two.id()), why.to_owned(), count)
    });
    assert_eq!(told.unwrap(), (7, Some(7), "why".to_owned(), 2));
    let items = |lines: ListView<'_, views::golden::views::LineView<'_>>| {
        lines.iter().map(|line| line.item().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(desk.place_all_in_place(&[order()], items).unwrap(), ["pear", ""]);
}

#[test]
fn tasks_read_results_in_place() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let name = runtime.block_on(async {
        let channel = AsyncChannel::in_process(Router::new().add(DeskServer::new(Shop::default())))?;
        AsyncDeskClient::new(channel).find_in_place(7, |order| order.customer().name().to_owned()).await
    });
    assert_eq!(name.unwrap(), "Zoë");
}
