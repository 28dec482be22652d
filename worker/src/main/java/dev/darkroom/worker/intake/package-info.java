/// The queue: the only owner of Kafka share consumers, one per job slot.
@NullMarked
package dev.darkroom.worker.intake;

import org.jspecify.annotations.NullMarked;
