/// Tests of jobs, their parts and their builder.
@NullMarked
package dev.darkroom.protocol.job;

import org.jspecify.annotations.NullMarked;
