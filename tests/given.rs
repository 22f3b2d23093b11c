//! Results that a handler does not own: what it was sent goes back without being unpacked, and what it keeps is lent.

use std::sync::Arc;

use rpcgen_runtime::pack::{ListView, PackList};
use rpcgen_runtime::{AsyncChannel, Channel, Code, Context, Router, Status};

#[path = "golden/views/mod.rs"]
mod views;

use views::golden::views::{
    AsyncMirror, AsyncMirrorClient, AsyncMirrorServer, Line, LineView, Mirror, MirrorClient, MirrorServer,
};

type Shown<L, N, C, P, T> = Result<(L, N, C, P, T), Status>;

/// Gives back what it is sent, and without lines, its own.
struct Glass(Arc<[Line]>);

impl Mirror for Glass {
    fn show<'a>(
        &self,
        _: &Context,
        lines: ListView<'a, LineView<'a>>,
        names: ListView<'a, &'a str>,
        counts: ListView<'_, u32>,
        photo: &[u8],
        note: &str,
    ) -> Shown<impl PackList<Line>, impl PackList<String>, impl PackList<u32>, impl AsRef<[u8]>, impl AsRef<str>> {
        Ok((lines, names, counts, photo, note))
    }

    fn lines(&self, _: &Context, _: ListView<'_, LineView<'_>>) -> Result<impl PackList<Line>, Status> {
        Ok(&self.0)
    }
}

impl AsyncMirror for Glass {
    async fn show<'a>(
        &self,
        _: &Context,
        lines: ListView<'a, LineView<'a>>,
        names: ListView<'a, &'a str>,
        counts: ListView<'_, u32>,
        photo: &[u8],
        note: &str,
    ) -> Shown<impl PackList<Line>, impl PackList<String>, impl PackList<u32>, impl AsRef<[u8]>, impl AsRef<str>> {
        tokio::task::yield_now().await;
        Ok((lines, names, counts, photo, note))
    }

    async fn lines(&self, _: &Context, lines: ListView<'_, LineView<'_>>) -> Result<impl PackList<Line>, Status> {
        Ok(if lines.is_empty() { self.0.to_vec() } else { lines.to_vec() })
    }
}

fn line(item: &str) -> Line {
    Line { item: item.to_owned(), count: 3, sizes: vec![7, 8], gift: None }
}

fn glass() -> Glass {
    Glass([line("pear"), line("plum")].into())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_was_sent_comes_back_and_what_is_kept_is_lent() {
    let router = Router::new().add(MirrorServer::new(glass()));
    let mirror = MirrorClient::new(Channel::in_process(router).unwrap());
    let sent = [line("fig"), line("date")];
    let shown = mirror.show(&sent, &names(&["Zoë", ""]), &[1, u32::MAX], b"photo", "né").unwrap();
    assert_eq!(shown, (sent.to_vec(), names(&["Zoë", ""]), vec![1, u32::MAX], b"photo".to_vec(), "né".to_owned()));
    assert_eq!(mirror.lines(&sent).unwrap(), glass().0.to_vec());
    let large = vec![7; 3 << 20];
    assert_eq!(mirror.show(&[], &[], &[], &large, "").unwrap().3, large);
}

/// The bounds of the result hold for what was sent within others.
#[test]
fn what_does_not_fit_is_not_sent_back() {
    let router = Router::new().add(MirrorServer::new(glass()));
    let mirror = MirrorClient::new(Channel::in_process(router).unwrap());
    let why = |lines: &[Line], texts: &[&str]| {
        let status = mirror.show(lines, &names(texts), &[], b"", "").unwrap_err();
        assert_eq!((status.code(), status.may_have_run()), (Code::Internal, true));
        status.message().to_owned()
    };
    let three = [line("a"), line("b"), line("c")];
    let text = "the result cannot be sent: lines: what was received may not be sent here: 3 elements where at most 2 are allowed (at byte 0)";
    assert_eq!(why(&three, &[]), text);
    let text = "the result cannot be sent: names: what was received may not be sent here: [1]: 5 bytes where at most 4 are allowed (at byte 9)";
    assert_eq!(why(&[], &["a", "bcdef"]), text);
}

#[test]
fn tasks_answer_alike() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let router = Router::new().add_async(AsyncMirrorServer::new(glass()));
        let mirror = AsyncMirrorClient::new(AsyncChannel::in_process(router).unwrap());
        let sent = [line("fig")];
        let shown = mirror.show(&sent, &names(&["Zoë"]), &[9], b"photo", "né").await.unwrap();
        assert_eq!(shown, (sent.to_vec(), names(&["Zoë"]), vec![9], b"photo".to_vec(), "né".to_owned()));
        assert_eq!(mirror.lines(&[]).await.unwrap(), glass().0.to_vec());
        assert_eq!(mirror.lines_in_place(&sent, |lines| lines.len()).await.unwrap(), 1);
    });
}
