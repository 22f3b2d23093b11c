//! Services and their methods.

use std::collections::{HashMap, HashSet};

use super::Compare;
use super::fields::{List, Names};
use super::report::{self, About, Flow, Place, titled};
use crate::diag::Code;
use crate::ir::{Field, ItemId, Method, Service};

/// A method that both versions have.
struct Pair<'p> {
    old: &'p Method,
    new: &'p Method,
    place: Place,
}

impl<'p> Compare<'p> {
    pub(super) fn services(&mut self, a: ItemId, b: ItemId, old: &'p Service, new: &'p Service) {
        let partners = partners(old, new);
        let known: HashSet<usize> = partners.iter().copied().flatten().collect();
        let fresh = new.methods.iter().enumerate().filter(|(at, _)| !known.contains(at)).map(|(_, method)| method);
        let by_shape = by_shape(fresh.clone());
        let renamed = self.is_called_otherwise(a, b);
        for (at, (method, partner)) in old.methods.iter().zip(&partners).enumerate() {
            if let Some(partner) = partner.and_then(|at| new.methods.get(at)) {
                self.method(&self.pair_of(a, at, method, partner), renamed);
            } else {
                let alike = by_shape.get(&*method.shape_text).map_or(&[][..], Vec::as_slice);
                self.method_gone(a, b, method, (new, alike));
            }
        }
        for method in fresh {
            self.method_added(a, b, method);
        }
        self.method_reservations(a, b, old, new);
    }

    fn method_reservations(&mut self, a: ItemId, b: ItemId, old: &Service, new: &Service) {
        let kept: HashSet<&String> = new.reserved.iter().collect();
        let gone: Vec<String> =
            old.reserved.iter().filter(|name| !kept.contains(name)).map(|name| format!("`{name}`")).collect();
        self.reservation_gone(a, b, &gone);
    }

    fn pair_of(&self, service: ItemId, at: usize, old: &'p Method, new: &'p Method) -> Pair<'p> {
        let what = format!("method `{}.{}`", self.old.item(service).name, old.name);
        let place = Place { about: About::Method(service, at), ..Place::new(what, old.location, new.location) };
        Pair { old, new, place }
    }

    /// Whether the service or its package has another name: then all its numbers are others, which was said.
    fn is_called_otherwise(&self, a: ItemId, b: ItemId) -> bool {
        let (old, new) = (self.old.item(a), self.new.item(b));
        old.name != new.name || self.old.package(old.package).name != self.new.package(new.package).name
    }

    /// `alike` are the methods of the new service that the old one has not, and that have the same shape.
    fn method_gone(&mut self, a: ItemId, b: ItemId, method: &Method, (new, alike): (&Service, &[&Method])) {
        let what = format!("method `{}.{}`", self.old.item(a).name, method.name);
        let place = Place::new(what, method.location, self.new.item(b).location);
        let reserved = new.reserved.contains(&method.name);
        let and = if reserved { "" } else { ", and its name is not reserved" };
        let found = report::gone(Code::MethodGone, &place, format!("{} is gone{and}", place.what));
        let alike = if reserved { &[] } else { alike };
        self.push(place.about, found.help(instead(method, alike)));
    }

    fn method_added(&mut self, a: ItemId, b: ItemId, method: &Method) {
        let what = format!("method `{}.{}`", self.new.item(b).name, method.name);
        let place = Place::new(what, self.old.item(a).location, method.location);
        self.added(Code::MethodAdded, &place, format!("{} is new: servers first", place.what));
        let message = format!("{} is new: servers in Rust lack it", place.what);
        self.added(Code::NewToHandle, &place, message);
    }

    fn method(&mut self, pair: &Pair<'p>, renamed: bool) {
        let Pair { old, new, place } = pair;
        if old.name != new.name {
            self.renamed(&place.what, (old.location, &old.name), (new.location, &new.name));
        } else if old.number != new.number && !renamed {
            let message = format!("{} has another number: {:#x}, no longer {:#x}", place.what, new.number, old.number);
            self.changed(Code::MethodNumber, place, message);
        }
        if how(old) == how(new) {
            self.values(pair);
        } else {
            self.changed(Code::CallKindChanged, place, format!("{} {}", place.what, how_changed(old, new)));
        }
        self.throws(pair);
        if old.idempotent != new.idempotent || old.deadline != new.deadline {
            let message = format!("{} has another `@idempotent` or `@deadline`", place.what);
            self.changed(Code::CallChanged, place, message);
        }
        self.deprecation(&place.what, (old.location, &old.deprecated), (new.location, &new.deprecated));
    }

    /// What goes there and what comes back.
    fn values(&mut self, Pair { old, new, place }: &Pair<'p>) {
        let list = |noun, flow, names| List {
            owner: place.what.clone(),
            noun,
            old: place.old,
            new: place.new,
            flow,
            about: place.about,
            names,
        };
        self.fields(&list("parameter", Flow::Request, Names::Wire), &old.params, &new.params);
        let only_one = old.results.len() == 1 && new.results.len() == 1;
        let names = if only_one { Names::Nothing } else { Names::Wire };
        self.fields(&list("result", Flow::Reply, names), &old.results, &new.results);
        if let (Some(of), Some(to)) = (&old.stream_in, &new.stream_in) {
            self.stream(&list("stream", Flow::Request, Names::Wire), of, to);
        }
        if let (Some(of), Some(to)) = (&old.stream_out, &new.stream_out) {
            let what = format!("what {} streams", place.what);
            self.place(&Place { what, flow: Flow::Reply, ..place.clone() }, of, to);
        }
    }

    fn stream(&mut self, list: &List<'_>, old: &'p Field, new: &'p Field) {
        self.fields(list, std::slice::from_ref(old), std::slice::from_ref(new));
    }

    fn throws(&mut self, Pair { old, new, place }: &Pair<'p>) {
        match (old.throws, new.throws) {
            (None, Some(error)) => {
                let error = titled(self.new, error);
                self.thrown(place, &format!("throws {error} now"), "clients first");
            }
            (Some(error), None) => {
                let error = titled(self.old, error);
                self.thrown(place, &format!("no longer throws {error}"), "servers first");
            }
            (Some(of), Some(to)) => {
                let difference = self.declared(of, to);
                let (was, is) = (titled(self.old, of), titled(self.new, to));
                if difference.wire {
                    self.changed(Code::ThrowsOther, place, format!("{} throws {is}, no longer {was}", place.what));
                } else if difference.rust {
                    self.retyped(Code::RustTypeChanged, place, &was, &is);
                }
            }
            (None, None) => {}
        }
    }

    fn thrown(&mut self, place: &Place, how: &str, first: &str) {
        self.changed(Code::ThrowsChanged, place, format!("{} {how}: {first}", place.what));
        let message = format!("{} {how}: its type in Rust is another", place.what);
        self.changed(Code::RustTypeChanged, place, message);
    }
}

/// For each old method the place of its partner: the one of its name or else, if that is new, the one of its number.
fn partners(old: &Service, new: &Service) -> Vec<Option<usize>> {
    let by_name: HashMap<&str, usize> = new.methods.iter().enumerate().map(|(at, of)| (&*of.name, at)).collect();
    let names: HashSet<&str> = old.methods.iter().map(|method| &*method.name).collect();
    let fresh = new.methods.iter().enumerate().filter(|(_, method)| !names.contains(&*method.name));
    let by_number: HashMap<u32, usize> = fresh.map(|(at, method)| (method.number, at)).collect();
    let partner = |of: &Method| by_name.get(&*of.name).or_else(|| by_number.get(&of.number)).copied();
    old.methods.iter().map(partner).collect()
}

fn by_shape<'p>(methods: impl Iterator<Item = &'p Method>) -> HashMap<&'p str, Vec<&'p Method>> {
    let mut found: HashMap<&str, Vec<&Method>> = HashMap::new();
    methods.for_each(|method| found.entry(&method.shape_text).or_default().push(method));
    found
}

/// What to do instead of taking a method away. If just one that is new looks like it, that may be its new name.
fn instead(gone: &Method, alike: &[&Method]) -> String {
    let keep = "keep it, deprecated, until no program calls it any more";
    match alike {
        [only] => {
            format!("{keep}; if `{}` is its new name, give that its number with `@id({:#x})`", only.name, gone.number)
        }
        _ => keep.to_owned(),
    }
}

/// Which frames a call is made of.
fn how(method: &Method) -> (bool, bool, bool) {
    (method.oneway, method.stream_in.is_some(), method.stream_out.is_some())
}

fn how_changed(old: &Method, new: &Method) -> &'static str {
    match (old.oneway, new.oneway) {
        (false, true) => "is oneway now",
        (true, false) => "is no longer oneway",
        _ if old.stream_in.is_none() && new.stream_in.is_some() => "takes a stream now",
        _ if old.stream_in.is_some() && new.stream_in.is_none() => "no longer takes a stream",
        _ if new.stream_out.is_some() => "gives a stream now",
        _ => "no longer gives a stream",
    }
}
