# What is measured, for Cap'n Proto. The Rust of it is `src/peers/capnp/bench_capnp.rs`; benches/README.md says how it is made.
@0xcb0362d83b9b9d8f;

# As in the `rust.capnp` of capnpc, which knows it by its number: where the Rust is.
annotation parentModule @0xabee386cd1450364 (file) :Text;
$parentModule("peers::capnp");

struct User {
  id @0 :UInt64;
  name @1 :Text;
  email @2 :Text;
  isActive @3 :Bool;
  balance @4 :Float64;
  tags @5 :List(Text);
  scores @6 :List(UInt32);
}

interface Bench {
  add @0 (a :Int32, b :Int32) -> (sum :Int32);
  echoUsers @1 (users :List(User)) -> (users :List(User));
  echo @2 (data :Data) -> (data :Data);
}
