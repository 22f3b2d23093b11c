//! A service whose handlers are futures, written as generated code would be, and a client for it.

use std::sync::Arc;

use rpcgen_runtime::stub::{self, At as _};

pub(crate) static ADD: stub::Method = stub::Method::new("test.Desk/add", 21, 31);
pub(crate) static GREET: stub::Method = stub::Method::new("test.Desk/greet", 22, 32);
pub(crate) static NOTE: stub::Method = stub::Method::oneway("test.Desk/note", 23, 33);
static SERVICE: stub::ServiceInfo = stub::ServiceInfo::new("test.Desk", &[&ADD, &GREET, &NOTE]);

/// Why somebody is not greeted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Nobody,
    Unknown(stub::UnknownVariant),
}

impl stub::DeclaredError for Refusal {
    fn unknown_ordinal(&self) -> Option<u16> {
        if let Self::Unknown(unknown) = self { Some(unknown.ordinal()) } else { None }
    }
}

impl From<Refusal> for stub::Fault<Refusal> {
    fn from(error: Refusal) -> Self {
        Self::Declared(error)
    }
}

impl stub::Pack for Refusal {
    fn pack(&self, rpc_out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        match self {
            Self::Nobody => rpc_out.variant(1, |_| Ok(())).at("Nobody"),
            Self::Unknown(unknown) => rpc_out.unknown_variant(unknown),
        }
    }
}

impl<'a> stub::Unpack<'a> for Refusal {
    const MIN_SIZE: usize = 6;

    fn unpack(rpc_in: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        rpc_in.variant(|rpc_ordinal, rpc_in| match rpc_ordinal {
            1 => Ok(Self::Nobody),
            _ => Ok(Self::Unknown(rpc_in.unknown_variant(rpc_ordinal))),
        })
    }
}

/// What an implementation writes as `async fn`.
pub(crate) trait AsyncDesk: Send + Sync + 'static {
    fn add(&self, context: &stub::Context, a: i32, b: i32) -> impl Future<Output = Result<i32, stub::Status>> + Send;

    fn greet(
        &self,
        context: &stub::Context,
        name: &str,
    ) -> impl Future<Output = Result<String, stub::Fault<Refusal>>> + Send;

    fn note(&self, context: &stub::Context, count: u32) -> impl Future<Output = ()> + Send;
}

/// Serves an [`AsyncDesk`].
#[derive(Debug)]
pub(crate) struct AsyncDeskServer<S>(Arc<S>);

impl<S: AsyncDesk> AsyncDeskServer<S> {
    /// The server stub around a service.
    #[must_use]
    pub(crate) fn new(service: S) -> Self {
        Self(Arc::new(service))
    }
}

impl<S: AsyncDesk> stub::AsyncService for AsyncDeskServer<S> {
    fn info(&self) -> &'static stub::ServiceInfo {
        &SERVICE
    }

    fn call(&self, rpc_method: usize, rpc_call: stub::AsyncCall) -> stub::AsyncAnswer {
        let rpc_service = Arc::clone(&self.0);
        match rpc_method {
            0 => Box::pin(Self::rpc_add(rpc_service, rpc_call)),
            1 => Box::pin(Self::rpc_greet(rpc_service, rpc_call)),
            2 => Box::pin(Self::rpc_note(rpc_service, rpc_call)),
            _ => Box::pin(async { Err(stub::AsyncFailure::unknown_method()) }),
        }
    }
}

impl<S: AsyncDesk> AsyncDeskServer<S> {
    async fn rpc_add(rpc_service: Arc<S>, rpc_call: stub::AsyncCall) -> Result<stub::Packed, stub::AsyncFailure> {
        let (a, b) = {
            let mut rpc_in = rpc_call.input();
            let rpc_parameters = (rpc_in.fixed().at("a")?, rpc_in.fixed().at("b")?);
            rpc_in.end()?;
            rpc_parameters
        };
        let rpc_result = AsyncDesk::add(&*rpc_service, rpc_call.context(), a, b).await?;
        rpc_call.reply(|rpc_out| rpc_out.fixed(&rpc_result).at("result"))
    }

    async fn rpc_greet(rpc_service: Arc<S>, rpc_call: stub::AsyncCall) -> Result<stub::Packed, stub::AsyncFailure> {
        let name = {
            let mut rpc_in = rpc_call.input();
            let rpc_parameter = rpc_in.str(64).at("name")?;
            rpc_in.end()?;
            rpc_parameter
        };
        let rpc_result = AsyncDesk::greet(&*rpc_service, rpc_call.context(), name)
            .await
            .map_err(|rpc_fault| rpc_call.raise(rpc_fault))?;
        rpc_call.reply(|rpc_out| rpc_out.last_string(rpc_result, stub::UNBOUNDED).at("result"))
    }

    async fn rpc_note(rpc_service: Arc<S>, rpc_call: stub::AsyncCall) -> Result<stub::Packed, stub::AsyncFailure> {
        let count = {
            let mut rpc_in = rpc_call.input();
            let rpc_parameter = rpc_in.fixed().at("count")?;
            rpc_in.end()?;
            rpc_parameter
        };
        AsyncDesk::note(&*rpc_service, rpc_call.context(), count).await;
        rpc_call.reply(|_| Ok(()))
    }
}

/// A blocking client stub.
pub(crate) struct Client(pub(crate) stub::Caller);

impl Client {
    pub(crate) fn add(&self, a: i32, b: i32) -> Result<i32, stub::Status> {
        let call: stub::PendingCall<_, stub::Status> = self.0.start(
            &ADD,
            |out| {
                out.fixed(&a).at("a")?;
                out.fixed(&b).at("b")
            },
            |input| input.fixed().at("result"),
        )?;
        call.wait()
    }

    pub(crate) fn greet(&self, name: &str) -> Result<String, stub::CallError<Refusal>> {
        let call: stub::PendingCall<_, stub::CallError<Refusal>> = self.0.start(
            &GREET,
            |out| out.string(name, stub::UNBOUNDED).at("name"),
            |input| input.string(stub::UNBOUNDED).at("result"),
        )?;
        call.wait()
    }

    pub(crate) fn note(&self, count: u32) -> Result<(), stub::Status> {
        self.0.send(&NOTE, |out| out.fixed(&count).at("count"))
    }
}
