/**
 * Tidecast's public API, by name.
 * @module
 */
export type { BucketShare } from './anycast/bucket-table.ts';
export type { SpreadMember, SpreadPolicy } from './anycast/policy.ts';
export type { ServiceSpreadConfig } from './anycast/service-spread.ts';
export { ConfigError, type ConfigProblem, DecodeError, type DecodeErrorCode } from './errors.ts';
export type { Link, LinkDatagram } from './host/link.ts';
export { MemorySegment } from './host/link-memory.ts';
export { withRecording } from './host/link-pcap.ts';
export { openUdpLink, type UdpLinkOptions } from './host/link-udp.ts';
export { type OpenRawLinkOptions, openRawLink } from './host/open-raw-link.ts';
export { openRecording, type RecordedDatagram, type Recording } from './host/pcap-writer.ts';
export {
  type Flow,
  type PickedNextHop,
  RoutingModule,
} from './host/routing-module.ts';
export type { RoutingInterface, RoutingModuleOptions } from './host/routing-module-options.ts';
export type { InstanceEvent, LsaOutput } from './instance/output.ts';
export type { LsaBody } from './lsa/body.ts';
export { Lsa } from './lsa/lsa.ts';
export type { ServiceLoad, ServiceState } from './lsa/service-load.ts';
export { NeighborAdvertiser } from './neighbor-discovery/advertiser.ts';
export type {
  AdvertiserIdentity,
  AdvertiserOptions,
} from './neighbor-discovery/advertiser-config.ts';
export type { AdvertiserInput, AdvertiserOutput } from './neighbor-discovery/advertiser-io.ts';
export { NeighborCache } from './neighbor-discovery/cache.ts';
export type { NeighborCacheOptions, RouterIdentity } from './neighbor-discovery/cache-config.ts';
export type { CacheInput, CacheOutput, NeighborNextHop } from './neighbor-discovery/cache-io.ts';
export { decodePacket } from './packet/decode.ts';
export type { Packet } from './packet/packet.ts';
export { Prng } from './prng.ts';
export type { ServiceSummary, SpreadOutput } from './router/service-spreads.ts';
export type { NextHop, PathType, Route, RouteOutput } from './spf/route.ts';
export { type Address, formatAddress, parseAddress } from './wire/address.ts';
