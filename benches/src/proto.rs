//! The interface's types as messages of protocol buffers.

use crate::stubs::bench::User;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ProtoUser {
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(string, tag = "3")]
    pub(crate) email: String,
    #[prost(bool, tag = "4")]
    pub(crate) is_active: bool,
    #[prost(double, tag = "5")]
    pub(crate) balance: f64,
    #[prost(string, repeated, tag = "6")]
    pub(crate) tags: Vec<String>,
    #[prost(uint32, repeated, tag = "7")]
    pub(crate) scores: Vec<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Users {
    #[prost(message, repeated, tag = "1")]
    pub(crate) users: Vec<ProtoUser>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Vector {
    #[prost(float, tag = "1")]
    pub(crate) x: f32,
    #[prost(float, tag = "2")]
    pub(crate) y: f32,
    #[prost(float, tag = "3")]
    pub(crate) z: f32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Triangle {
    #[prost(message, optional, tag = "1")]
    pub(crate) normal: Option<Vector>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) corners: Vec<Vector>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Mesh {
    #[prost(message, repeated, tag = "1")]
    pub(crate) triangles: Vec<Triangle>,
}

impl From<&[User]> for Users {
    fn from(users: &[User]) -> Self {
        Self { users: users.iter().cloned().map(ProtoUser::from).collect() }
    }
}

impl From<User> for ProtoUser {
    fn from(user: User) -> Self {
        let User { id, name, email, is_active, balance, tags, scores } = user;
        Self { id, name, email, is_active, balance, tags, scores }
    }
}
