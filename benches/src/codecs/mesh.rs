//! Triangles of numbers.

use anyhow::Result;

use super::{Case, check, ours};
use crate::stubs::bench::{Triangle, Vector};

pub(super) fn cases(triangles: usize) -> Result<Vec<Case>> {
    let triangles: Vec<Triangle> = (0..triangles).map(triangle).collect();
    let mut packed = Vec::new();
    ours::pack_mesh(&triangles, &mut packed)?;
    #[cfg(feature = "peers")]
    let others = super::others::mesh(&triangles).into_iter().chain([super::proto::mesh(&triangles)]);
    #[cfg(not(feature = "peers"))]
    let others = None;
    let mut cases = vec![ours::copy(packed), ours::mesh(triangles)];
    cases.extend(others);
    cases.iter().try_for_each(check)?;
    Ok(cases)
}

fn triangle(number: usize) -> Triangle {
    let at = |step: usize| (number + step) as f32 / 7.0;
    let corner = |step| Vector { x: at(step), y: at(step + 1), z: at(step + 2) };
    Triangle { normal: corner(0), corners: [corner(3), corner(6), corner(9)] }
}
