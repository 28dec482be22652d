/// A real Kafka broker and a real S3 endpoint inside this process, on loopback ports, for
/// one-command use and for tests.
@NullMarked
package dev.darkroom.ops.local;

import org.jspecify.annotations.NullMarked;
