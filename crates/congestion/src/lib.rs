//! What a line can take: feedback, estimation, probing and pacing.
