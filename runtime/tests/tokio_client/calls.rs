//! What calls come to when nothing goes wrong between.

use crate::stub::everywhere;

#[test]
fn a_call_comes_back() {
    everywhere(async |client| assert_eq!(client.add(2, 3).await, Ok(5)));
}
