/// What the fleet tells the world: lifecycle events, progress, worker status; and the one command,
/// cancel.
@NullMarked
package dev.darkroom.protocol.event;

import org.jspecify.annotations.NullMarked;
