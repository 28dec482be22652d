/// The client that backends use: submits jobs, follows their events and cancels them. The only
/// package that knows Kafka.
@NullMarked
package dev.darkroom.protocol.client;

import org.jspecify.annotations.NullMarked;
