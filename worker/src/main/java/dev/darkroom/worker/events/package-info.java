/// Events on Kafka: lifecycle events that wait for the broker, progress that never makes anyone
/// wait, worker status.
@NullMarked
package dev.darkroom.worker.events;

import org.jspecify.annotations.NullMarked;
