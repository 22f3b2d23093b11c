//! Helpers that the runners in this folder share.
