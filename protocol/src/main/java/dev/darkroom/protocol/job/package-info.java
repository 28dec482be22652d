/// What a backend asks for: the job, its specification, and the envelope that carries it through
/// the fleet.
@NullMarked
package dev.darkroom.protocol.job;

import org.jspecify.annotations.NullMarked;
