//! `const NAME: type = value;`

use askama::Template;

use super::{Maker, print};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::{literals, names, types};
use crate::ir::{Const, Item, Type, Value};

#[derive(Template)]
#[template(path = "constant.rs.askama")]
struct View {
    docs: String,
    allow: String,
    name: String,
    ty: String,
    value: String,
}

pub(super) fn render(maker: &Maker<'_>, item: &Item, constant: &Const) -> String {
    let ty = match maker.scope.program.peel(&constant.ty) {
        Type::String { .. } => "&str".to_owned(),
        _ => types::owned(maker.scope, &constant.ty),
    };
    let reason = "the interface has it as a number of its own";
    print(&View {
        docs: maker.item_docs(item),
        allow: Allows::default().when(is_famous(&constant.value), "clippy::approx_constant", reason).text(),
        name: names::const_name(&item.name),
        ty,
        value: literals::value(maker.scope, &constant.ty, &constant.value),
    })
}

/// Whether a float is near a constant that the standard library has.
fn is_famous(value: &Value) -> bool {
    use std::f64::consts::{
        E, FRAC_1_PI, FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI, FRAC_PI_2, FRAC_PI_3, FRAC_PI_4, FRAC_PI_6, FRAC_PI_8,
        LN_2, LN_10, LOG2_10, LOG2_E, LOG10_2, LOG10_E, PI, SQRT_2, TAU,
    };
    const GOLDEN_RATIO: f64 = 1.618_033_988_749_895;
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    let famous = [
        E,
        FRAC_1_PI,
        FRAC_1_SQRT_2,
        FRAC_2_PI,
        FRAC_2_SQRT_PI,
        FRAC_PI_2,
        FRAC_PI_3,
        FRAC_PI_4,
        FRAC_PI_6,
        FRAC_PI_8,
        LN_2,
        LN_10,
        LOG2_10,
        LOG2_E,
        LOG10_2,
        LOG10_E,
        PI,
        SQRT_2,
        TAU,
        GOLDEN_RATIO,
        EULER_GAMMA,
    ];
    matches!(value, Value::Float(value) if famous.iter().any(|known| (value.abs() - known).abs() < 0.01))
}
