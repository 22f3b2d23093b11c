//! Records into a message, and out of it: whoever wants a `struct` of its own writes this by hand.

use anyhow::Result;
use capnp::struct_list::{Builder, Reader};

use super::bench_capnp::user;
use crate::stubs::bench::User;

pub(super) fn write(users: &[User], mut out: Builder<'_, user::Owned>) -> Result<()> {
    for (number, user) in (0..).zip(users) {
        write_user(user, out.reborrow().get(number))?;
    }
    Ok(())
}

fn write_user(user: &User, mut out: user::Builder<'_>) -> Result<()> {
    out.set_id(user.id);
    out.set_name(&user.name);
    out.set_email(&user.email);
    out.set_is_active(user.is_active);
    out.set_balance(user.balance);
    out.set_tags(&user.tags[..])?;
    Ok(out.set_scores(&user.scores[..])?)
}

pub(super) fn read(users: Reader<'_, user::Owned>) -> Result<Vec<User>> {
    users.iter().map(read_user).collect()
}

fn read_user(user: user::Reader<'_>) -> Result<User> {
    let tags = user.get_tags()?.iter().map(|tag| Ok(tag?.to_string()?));
    Ok(User {
        id: user.get_id(),
        name: user.get_name()?.to_string()?,
        email: user.get_email()?.to_string()?,
        is_active: user.get_is_active(),
        balance: user.get_balance(),
        tags: tags.collect::<Result<_>>()?,
        scores: user.get_scores()?.iter().collect(),
    })
}
