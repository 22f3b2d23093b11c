//! The store itself.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use rpcgen_runtime::{Context, Fault, Status};

use crate::stubs::{Entry, KvError, MAX_LISTED, Store, Version};

/// A store in the memory of one process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    values: RwLock<BTreeMap<String, Stored>>,
}

#[derive(Debug)]
struct Stored {
    value: Vec<u8>,
    version: Version,
    modified: SystemTime,
}

impl Store for MemoryStore {
    fn get(&self, _: &Context, key: &str) -> Result<(Vec<u8>, Version), Fault<KvError>> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let stored = values.get(key).ok_or_else(|| not_found(key))?;
        Ok((stored.value.clone(), stored.version))
    }

    fn put(&self, _: &Context, key: &str, value: &[u8], expected: Option<Version>) -> Result<Version, Fault<KvError>> {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let found = values.get(key).map_or(0, |stored| stored.version);
        if expected.is_some_and(|expected| expected != found) {
            return Err(KvError::Conflict { found }.into());
        }
        let version = found + 1;
        values.insert(key.to_owned(), Stored { value: value.to_owned(), version, modified: SystemTime::now() });
        Ok(version)
    }

    fn delete(&self, _: &Context, key: &str) -> Result<(), Fault<KvError>> {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.remove(key).map(|_| ()).ok_or_else(|| not_found(key).into())
    }

    fn list(&self, _: &Context, prefix: &str, limit: u32) -> Result<Vec<Entry>, Status> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let from = values.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let matching = from.take_while(|(key, _)| key.starts_with(prefix));
        Ok(matching.take(limit.min(MAX_LISTED) as usize).map(|(key, stored)| entry(key, stored)).collect())
    }
}

fn entry(key: &str, stored: &Stored) -> Entry {
    let size = u32::try_from(stored.value.len()).unwrap_or(u32::MAX);
    Entry { key: key.to_owned(), version: stored.version, modified: stored.modified, size }
}

fn not_found(key: &str) -> KvError {
    KvError::NotFound { key: key.to_owned() }
}
