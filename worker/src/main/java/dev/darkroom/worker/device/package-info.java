/// The device lane: the one thread that runs graphs, and the fair, keyed, step-level batching of
/// the rows that wait for it.
@NullMarked
package dev.darkroom.worker.device;

import org.jspecify.annotations.NullMarked;
