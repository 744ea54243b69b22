//! RTP, RTCP and retransmission on the wire, and what a stream's arrivals tell.
