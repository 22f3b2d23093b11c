//! The canonical text of what a method sends and gets (`docs/language.md`, "Shape"). Its hash is the method's `shape`.

use std::{borrow::Cow, cell::RefCell, rc::Rc};

use foldhash::{HashMap, HashMapExt as _};

use super::{
    annotations::wire_name,
    bounds::Bounds,
    members::Numbers,
    types::{Form, Types, Written},
};
use crate::{
    ast::{Enum, ExprKind, Field, Item as Tree, Method, Payload, Results, Type, TypeKind, Union, Variant},
    diag::{Code, Diagnostic, Diagnostics},
    ir::ItemId,
    scalar::Scalar,
    source::Location,
};

/// The most bytes of one text. Structs that hold others twice make texts that double with each level.
const LONGEST: usize = 65_536;

/// The most bytes of all texts of a program.
const ALL_TEXTS: usize = 64 << 20;

/// The texts of the methods of each service, by [`ItemId`]; `None` for what could not be described.
pub(super) type Shapes = Vec<Vec<Option<String>>>;

/// Why there is no text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stop {
    /// A part is not known; that was reported.
    Unknown,
    TooLong,
}

/// Describes every method of the program.
pub(super) fn describe(types: &Types<'_>, bounds: &Bounds, numbers: &[Numbers], found: &mut Diagnostics) -> Shapes {
    let orders = types.names.ids().map(|id| order(types, numbers, id)).collect();
    let context = Context { types, bounds, numbers, orders, closed: RefCell::default() };
    let mut budget = Budget { left: ALL_TEXTS, overdrawn: false };
    let describe = |id| match types.names.item(id).tree {
        Tree::Service(of) => of.methods.iter().map(|method| context.method(id, method, &mut budget, found)).collect(),
        _ => Vec::new(),
    };
    types.names.ids().map(describe).collect()
}

/// The variants of a closed union, ascending by ordinal; `None` where one of them is not known.
fn order(types: &Types<'_>, numbers: &[Numbers], id: ItemId) -> Option<Vec<usize>> {
    match types.names.item(id).tree {
        Tree::Union(of) if of.closed && !of.damaged => {
            let ordinals: Vec<i128> = numbers[id.0 as usize].values.iter().copied().collect::<Option<_>>()?;
            let mut order: Vec<usize> = (0..of.variants.len()).collect();
            order.sort_unstable_by_key(|variant| ordinals[*variant]);
            Some(order)
        }
        _ => None,
    }
}

/// What the texts of all methods may still take. When one finds too little, it is reported and no other is tried.
struct Budget {
    left: usize,
    overdrawn: bool,
}

struct Context<'a> {
    types: &'a Types<'a>,
    bounds: &'a Bounds,
    numbers: &'a [Numbers],
    /// The order of the variants of each closed union, by [`ItemId`].
    orders: Vec<Option<Vec<usize>>>,
    /// The texts of closed enums and closed flags that were needed so far; `None` for one that is too long.
    closed: RefCell<HashMap<ItemId, Option<Rc<str>>>>,
}

impl Context<'_> {
    fn method(&self, service: ItemId, method: &Method, budget: &mut Budget, found: &mut Diagnostics) -> Option<String> {
        if budget.overdrawn {
            return None;
        }
        let mut writer = Writer::new(self, self.types.names.item(service).file, LONGEST.min(budget.left));
        let result = writer.method(method);
        if result == Err(Stop::TooLong) {
            budget.overdrawn = budget.left < LONGEST;
            let at = self.types.names.locate(service, method.name.span);
            found.push(too_long(at, &method.name.text, budget.overdrawn));
        }
        budget.left = budget.left.saturating_sub(writer.text.len());
        result.is_ok().then_some(writer.text)
    }

    /// Such as `u8{Zero=0,One=1}`, or `flags<u8>{Read=1,Write=2}`, by value.
    fn closed_enum(&self, id: ItemId, of: &Enum) -> Result<Option<Rc<str>>, Stop> {
        if let Some(text) = self.closed.borrow().get(&id) {
            return Ok(text.clone());
        }
        let text = self.closed_text(id, of)?;
        self.closed.borrow_mut().insert(id, text.clone());
        Ok(text)
    }

    fn closed_text(&self, id: ItemId, of: &Enum) -> Result<Option<Rc<str>>, Stop> {
        let numbers = &self.numbers[id.0 as usize];
        let names = of.members.iter().map(|member| wire_name(&member.annotations, &member.name.text));
        let pairs = names.zip(&numbers.values).map(|(name, value)| Some(((*value)?, name)));
        let mut members = pairs.collect::<Option<Vec<_>>>().ok_or(Stop::Unknown)?;
        members.sort_unstable();
        let members: Vec<String> = members.into_iter().map(|(value, name)| format!("{name}={value}")).collect();
        let base = self.base(id)?.word();
        let flags = matches!(self.types.names.item(id).tree, Tree::Flags(_));
        let kind = if flags { format!("flags<{base}>") } else { base.to_owned() };
        let text = format!("{kind}{{{}}}", members.join(","));
        Ok((text.len() <= LONGEST).then(|| text.into()))
    }

    fn base(&self, id: ItemId) -> Result<Scalar, Stop> {
        self.numbers[id.0 as usize].base.ok_or(Stop::Unknown)
    }
}

fn too_long(at: Location, name: &str, together: bool) -> Diagnostic {
    let message = if together {
        format!("the methods up to `{name}` take more than {ALL_TEXTS} bytes to describe")
    } else {
        format!("the parameters and results of `{name}` take more than {LONGEST} bytes to describe")
    };
    let help = "structs and closed unions are described in full, each time they are used: use fewer or smaller ones, or tables";
    Diagnostic::new(Code::ShapeTooLarge, at, message).help(help)
}

/// What is left to write.
enum Task<'a> {
    Text(Cow<'static, str>),
    Type(Written<'a>),
    /// Fields, or parameters.
    Fields {
        file: usize,
        rest: std::slice::Iter<'a, Field>,
        first: bool,
    },
    Variants {
        file: usize,
        of: &'a Union,
        rest: std::slice::Iter<'a, usize>,
        first: bool,
    },
    /// The end of a struct or closed union.
    Leave(ItemId),
}

/// Writes one text. Structs may be nested as deep as a user likes, so the tasks lie on a stack of their own.
struct Writer<'a> {
    context: &'a Context<'a>,
    file: usize,
    most: usize,
    text: String,
    /// The structs and closed unions that are being written out, with how many there were around each.
    open: HashMap<ItemId, usize>,
    tasks: Vec<Task<'a>>,
}

impl<'a> Writer<'a> {
    fn new(context: &'a Context<'a>, file: usize, most: usize) -> Self {
        Self { context, file, most, text: String::new(), open: HashMap::new(), tasks: Vec::new() }
    }

    fn method(&mut self, method: &'a Method) -> Result<(), Stop> {
        self.then(")");
        if method.oneway.is_none() {
            self.results(&method.results);
            self.then(")->(");
        }
        self.fields(self.file, &method.params);
        self.write(if method.oneway.is_some() { "oneway(" } else { "(" })?;
        while let Some(task) = self.tasks.pop() {
            self.run(task)?;
        }
        Ok(())
    }

    fn results(&mut self, results: &'a Results) {
        match results {
            Results::None => {}
            Results::One(ty) => self.tasks.push(Task::Type(Written { file: self.file, ty })),
            Results::Named(fields, _) => match &fields[..] {
                [only] => self.tasks.push(Task::Type(Written { file: self.file, ty: &only.ty })),
                _ => self.fields(self.file, fields),
            },
        }
    }

    fn fields(&mut self, file: usize, fields: &'a [Field]) {
        self.tasks.push(Task::Fields { file, rest: fields.iter(), first: true });
    }

    fn run(&mut self, task: Task<'a>) -> Result<(), Stop> {
        match task {
            Task::Text(text) => self.write(&text),
            Task::Type(written) => self.ty(written),
            Task::Fields { file, mut rest, first } => {
                let Some(field) = rest.next() else { return Ok(()) };
                self.tasks.push(Task::Fields { file, rest, first: false });
                self.tasks.push(Task::Type(Written { file, ty: &field.ty }));
                self.write(if first { "" } else { "," })?;
                self.write(wire_name(&field.annotations, &field.name.text))?;
                self.write(":")
            }
            Task::Variants { file, of, mut rest, first } => {
                let Some(variant) = rest.next().and_then(|at| of.variants.get(*at)) else { return Ok(()) };
                self.tasks.push(Task::Variants { file, of, rest, first: false });
                self.write(if first { "" } else { "," })?;
                self.variant(file, variant)
            }
            Task::Leave(id) => {
                self.open.remove(&id);
                self.write("}")
            }
        }
    }

    /// Such as `name@1:u8`. The ordinal is an integer literal, as it was checked.
    fn variant(&mut self, file: usize, variant: &'a Variant) -> Result<(), Stop> {
        let ExprKind::Int(ordinal) = variant.ordinal.kind else { return Err(Stop::Unknown) };
        self.write(wire_name(&variant.annotations, &variant.name.text))?;
        self.write(&format!("@{ordinal}"))?;
        match &variant.payload {
            Payload::None => Ok(()),
            Payload::Type(ty) => self.around(":", [Task::Type(Written { file, ty })]),
            Payload::Fields(fields) => {
                self.then("}");
                self.fields(file, fields);
                self.write("{")
            }
        }
    }

    fn ty(&mut self, written: Written<'a>) -> Result<(), Stop> {
        match self.context.types.form(written).ok_or(Stop::Unknown)? {
            Form::BuiltIn(written) => self.built_in(written),
            Form::Item(id) => self.item(id),
        }
    }

    fn item(&mut self, id: ItemId) -> Result<(), Stop> {
        match self.context.types.names.item(id).tree {
            Tree::Enum(of) | Tree::Flags(of) if of.closed => match self.context.closed_enum(id, of)? {
                Some(text) => self.write(&text),
                None => Err(Stop::TooLong),
            },
            Tree::Enum(_) | Tree::Flags(_) => self.write(self.context.base(id)?.word()),
            Tree::Table(_) => self.write("table"),
            Tree::Union(of) if of.closed => self.enter_union(id, of),
            Tree::Union(_) | Tree::Error(_) => self.write("union"),
            Tree::Struct(of) if of.damaged => Err(Stop::Unknown),
            Tree::Struct(of) => self.enter(id, &of.fields),
            Tree::Const(_) | Tree::Alias(_) | Tree::Service(_) | Tree::Broken(_) => Err(Stop::Unknown),
        }
    }

    fn enter(&mut self, id: ItemId, fields: &'a [Field]) -> Result<(), Stop> {
        if self.refer_back(id)? {
            return Ok(());
        }
        self.tasks.push(Task::Leave(id));
        self.fields(self.context.types.names.item(id).file, fields);
        self.write("{")
    }

    fn enter_union(&mut self, id: ItemId, of: &'a Union) -> Result<(), Stop> {
        if self.refer_back(id)? {
            return Ok(());
        }
        let context = self.context;
        let rest = context.orders[id.0 as usize].as_ref().ok_or(Stop::Unknown)?.iter();
        let file = context.types.names.item(id).file;
        self.tasks.extend([Task::Leave(id), Task::Variants { file, of, rest, first: true }]);
        self.write("union{")
    }

    /// Inside its own text a declaration stands as the number of levels up to it; otherwise it is a new level.
    fn refer_back(&mut self, id: ItemId) -> Result<bool, Stop> {
        let level = self.open.len();
        if let Some(around) = self.open.get(&id) {
            let up = level - around;
            return self.write(&format!("^{up}")).map(|()| true);
        }
        self.open.insert(id, level);
        Ok(false)
    }

    fn built_in(&mut self, Written { file, ty }: Written<'a>) -> Result<(), Stop> {
        let inner = |ty: &'a Type| Task::Type(Written { file, ty });
        match &ty.kind {
            TypeKind::Scalar(scalar) => self.write(scalar.word()),
            TypeKind::Timestamp => self.write("timestamp"),
            TypeKind::Duration => self.write("duration"),
            TypeKind::String(_) => self.write("string"),
            TypeKind::Bytes(_) => self.write("bytes"),
            TypeKind::List(element, _) => self.around("list<", [inner(element), Task::Text(">".into())]),
            TypeKind::Stream(item) => self.around("stream<", [inner(item), Task::Text(">".into())]),
            TypeKind::Optional(element) => self.around("", [inner(element), Task::Text("?".into())]),
            TypeKind::Array(element, len) => {
                let place = len.span.within(self.context.types.names.file_id(file));
                let len = self.context.bounds.get(&place).ok_or(Stop::Unknown)?;
                self.around("array<", [inner(element), Task::Text(format!(",{len}>").into())])
            }
            TypeKind::Map(key, value, _) => {
                self.around("map<", [inner(key), Task::Text(",".into()), inner(value), Task::Text(">".into())])
            }
            TypeKind::Named(_) | TypeKind::Broken => Err(Stop::Unknown),
        }
    }

    fn around<const N: usize>(&mut self, start: &str, tasks: [Task<'a>; N]) -> Result<(), Stop> {
        self.tasks.extend(tasks.into_iter().rev());
        self.write(start)
    }

    /// Puts off a text until what was put off later is written.
    fn then(&mut self, text: &'static str) {
        self.tasks.push(Task::Text(text.into()));
    }

    fn write(&mut self, text: &str) -> Result<(), Stop> {
        if self.text.len() + text.len() > self.most {
            return Err(Stop::TooLong);
        }
        self.text.push_str(text);
        Ok(())
    }
}
