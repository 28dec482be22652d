/// The worker's events on a real broker.
@NullMarked
package dev.darkroom.ops.events;

import org.jspecify.annotations.NullMarked;
