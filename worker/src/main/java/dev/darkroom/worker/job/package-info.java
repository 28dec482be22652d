/// A job while it is in hand: the slot it sits in, what it is allowed, why it may have to stop, how
/// far it is.
@NullMarked
package dev.darkroom.worker.job;

import org.jspecify.annotations.NullMarked;
