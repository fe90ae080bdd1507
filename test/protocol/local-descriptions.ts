/**
 * What implementations say of themselves: local descriptions once all candidates are in them, which is when each has the most
 * lines. Only their addresses were changed.
 */
export const localDescriptions: Readonly<Record<string, string>> = {
  'Chromium 150, an offer': `
v=0
o=- 6100741196530850617 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 45592 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 127.0.0.1
a=candidate:75016407 1 udp 2122194687 127.0.0.1 45592 typ host generation 0 network-id 3 network-cost 50
a=candidate:3901582911 1 udp 2122063615 192.0.2.2 37480 typ host generation 0 network-id 1
a=candidate:524549672 1 udp 2122267903 ::1 58300 typ host generation 0 network-id 4 network-cost 50
a=candidate:4146448187 1 udp 2122134271 2001:db8::2 42138 typ host generation 0 network-id 2
a=candidate:2061929946 1 tcp 1518214911 127.0.0.1 9 typ host tcptype active generation 0 network-id 3 network-cost 50
a=candidate:2517846834 1 tcp 1518083839 192.0.2.2 9 typ host tcptype active generation 0 network-id 1
a=candidate:1641929509 1 tcp 1518288127 ::1 9 typ host tcptype active generation 0 network-id 4 network-cost 50
a=candidate:2310791734 1 tcp 1518154495 2001:db8::2 9 typ host tcptype active generation 0 network-id 2
a=ice-ufrag:P0Ok
a=ice-pwd:+hIhBaIWLonF7GrFslNm03EW
a=ice-options:trickle
a=fingerprint:sha-256 64:C3:9D:FB:93:18:42:8E:56:89:49:54:9D:B9:63:7F:3A:5B:92:C7:01:E5:CC:9E:25:3A:08:50:62:C5:A8:AD
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
`,
  'Chromium 150, its answer to Firefox': `
v=0
o=- 7978444838004632143 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic: WMS
m=application 44394 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 127.0.0.1
a=candidate:1848041956 1 udp 2122194687 127.0.0.1 44394 typ host generation 0 network-id 3 network-cost 50
a=candidate:2324042608 1 udp 2122063615 192.0.2.2 46877 typ host generation 0 network-id 1
a=candidate:2131424108 1 udp 2122267903 ::1 51083 typ host generation 0 network-id 4 network-cost 50
a=candidate:1105253008 1 udp 2122134271 2001:db8::2 56358 typ host generation 0 network-id 2
a=ice-ufrag:7x00
a=ice-pwd:4ltMgLvpu65Dde1inuFohgHf
a=ice-options:trickle
a=fingerprint:sha-256 AA:D1:89:A1:55:B0:99:B3:24:D4:DF:02:6F:4B:73:D5:D7:BA:C8:31:18:B5:75:33:6C:FB:D0:6C:DB:5A:9E:6C
a=setup:active
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
`,
  'Firefox 140, an offer': `
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 3278304376067211047 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 C2:F1:D9:70:6E:CD:C6:D2:87:BA:26:D4:8E:A5:BE:D9:F9:94:07:47:87:93:48:F0:70:07:2A:F4:34:F4:C2:A3
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=application 53451 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=candidate:0 1 UDP 2122187007 192.0.2.2 53451 typ host
a=candidate:1 1 UDP 2122252543 2001:db8::2 56697 typ host
a=candidate:2 1 TCP 2105458943 192.0.2.2 9 typ host tcptype active
a=candidate:3 1 TCP 2105524479 2001:db8::2 9 typ host tcptype active
a=sendrecv
a=end-of-candidates
a=extmap-allow-mixed
a=ice-pwd:8a1498a09b96ffaae5d9bc53d6b4562d
a=ice-ufrag:322af242
a=mid:0
a=setup:actpass
a=sctp-port:5000
a=max-message-size:1073741823
`,
  'Firefox 140, its answer to Chromium': `
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 1479526504743573471 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=extmap-allow-mixed
a=fingerprint:sha-256 3A:BE:E8:98:06:F3:B8:5E:55:6D:42:E3:64:76:75:56:26:8E:C1:E6:9B:48:42:45:29:16:97:97:8A:D9:53:F8
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=application 55196 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=candidate:0 1 UDP 2122187007 192.0.2.2 55196 typ host
a=candidate:1 1 UDP 2122252543 2001:db8::2 50212 typ host
a=candidate:2 1 TCP 2105458943 192.0.2.2 9 typ host tcptype active
a=candidate:3 1 TCP 2105524479 2001:db8::2 9 typ host tcptype active
a=sendrecv
a=end-of-candidates
a=extmap-allow-mixed
a=ice-pwd:0b71f8266b830e31e2e19c90a1fd872f
a=ice-ufrag:52d05183
a=mid:0
a=setup:active
a=sctp-port:5000
a=max-message-size:1073741823
`,
  'Firefox 140, its answer to Firefox': `
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 6329058577613472456 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 66:B2:BE:B6:D4:C3:17:8E:2C:F5:7A:4C:39:56:A4:97:FB:0E:35:9B:0F:5F:7F:C4:88:8F:6A:B9:DC:20:C9:D7
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=application 34904 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=candidate:0 1 UDP 2122187007 192.0.2.2 34904 typ host
a=candidate:1 1 UDP 2122252543 2001:db8::2 52238 typ host
a=candidate:2 1 TCP 2105458943 192.0.2.2 9 typ host tcptype active
a=candidate:3 1 TCP 2105524479 2001:db8::2 9 typ host tcptype active
a=sendrecv
a=end-of-candidates
a=extmap-allow-mixed
a=ice-pwd:c0bdf17325004a922e6eed1a1667ea01
a=ice-ufrag:e50fd60f
a=mid:0
a=setup:active
a=sctp-port:5000
a=max-message-size:1073741823
`,
  '@roamhq/wrtc 0.10, an offer': `
v=0
o=- 1778762155572790503 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 33870 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=candidate:3077952869 1 udp 2122265343 2001:db8::2 58872 typ host generation 0 network-id 2
a=candidate:3229573512 1 udp 2122194687 192.0.2.2 33870 typ host generation 0 network-id 1
a=candidate:559267639 1 udp 2122136831 ::1 48815 typ host generation 0 network-id 4
a=candidate:1510613869 1 udp 2122063615 127.0.0.1 54334 typ host generation 0 network-id 3
a=candidate:4193659285 1 tcp 1518285567 2001:db8::2 59005 typ host tcptype passive generation 0 network-id 2
a=candidate:2398920056 1 tcp 1518214911 192.0.2.2 43061 typ host tcptype passive generation 0 network-id 1
a=candidate:1876313031 1 tcp 1518157055 ::1 41343 typ host tcptype passive generation 0 network-id 4
a=candidate:344579997 1 tcp 1518083839 127.0.0.1 45503 typ host tcptype passive generation 0 network-id 3
a=ice-ufrag:yRnN
a=ice-pwd:l3qC93qrXTCHnMWDVWZMBROH
a=ice-options:trickle
a=fingerprint:sha-256 B2:1D:4E:50:92:78:BA:91:4D:8F:C6:4B:1B:1A:A4:23:CE:64:12:F8:A8:6A:95:C7:C2:A2:97:9E:45:39:69:0D
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
`,
  '@roamhq/wrtc 0.10, its answer to Firefox': `
v=0
o=- 773288846236228914 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic: WMS
m=application 43095 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=candidate:3077952869 1 udp 2122265343 2001:db8::2 48661 typ host generation 0 network-id 2
a=candidate:3229573512 1 udp 2122194687 192.0.2.2 43095 typ host generation 0 network-id 1
a=candidate:559267639 1 udp 2122136831 ::1 52859 typ host generation 0 network-id 4
a=candidate:1510613869 1 udp 2122063615 127.0.0.1 49604 typ host generation 0 network-id 3
a=ice-ufrag:nsWw
a=ice-pwd:cokzoFkDqHZDRw3RGi+dSyp1
a=ice-options:trickle
a=fingerprint:sha-256 86:A5:94:3C:48:37:BB:FB:AA:C5:5B:F3:EC:41:EA:19:6E:55:0E:B2:D4:DC:13:23:BD:DB:4C:9A:60:1D:EE:89
a=setup:active
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
`,
  'node-datachannel 0.33, an offer': `
v=0
o=rtc 287823080 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic:WMS *
a=ice-options:ice2,trickle
a=fingerprint:sha-256 0F:01:E9:1B:E5:0B:51:89:D4:21:FF:07:50:34:8A:6B:E2:37:73:47:2B:53:24:A0:7E:4F:24:6A:B8:4E:30:3F
m=application 40329 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=mid:0
a=sendrecv
a=sctp-port:5000
a=max-message-size:262144
a=setup:actpass
a=ice-ufrag:NUCg
a=ice-pwd:w4nY5LopQhOSs3YLF2dXuR
a=candidate:2 1 UDP 2116026111 2001:db8::2 40329 typ host
a=candidate:1 1 UDP 2114977791 192.0.2.2 40329 typ host
a=end-of-candidates
`,
  'node-datachannel 0.33, its answer': `
v=0
o=rtc 1728873395 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic:WMS *
a=ice-options:ice2,trickle
a=fingerprint:sha-256 EC:63:58:99:90:D9:0B:88:E3:34:59:1B:F8:DF:17:F4:00:9B:24:2C:F8:D2:EC:F0:80:CE:AD:2C:AC:78:C2:51
m=application 42376 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 192.0.2.2
a=mid:0
a=sendrecv
a=sctp-port:5000
a=max-message-size:262144
a=setup:active
a=ice-ufrag:wqgM
a=ice-pwd:dj3xHd1NBaHyPei1kCoLgN
a=candidate:2 1 UDP 2116026111 2001:db8::2 42376 typ host
a=candidate:1 1 UDP 2114977791 192.0.2.2 42376 typ host
a=end-of-candidates
`,
  'werift 0.24, an offer': `
v=0
o=- 82461784 0 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic:WMS *
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:32b1715da3b0ef8ba684454eb 1 udp 2116026367 192.0.2.2 40876 typ host generation 0 ufrag eeae
a=candidate:9c29a2bc887618212a1623bfa 1 udp 2116026367 2001:db8::2 42897 typ host generation 0 ufrag eeae
a=end-of-candidates
a=ice-ufrag:eeae
a=ice-pwd:bb6871517af57591f497c8
a=ice-options:trickle
a=fingerprint:sha-256 97:B0:56:5A:9F:E7:5B:79:01:C5:DA:AA:FC:2A:9E:5C:9A:3E:2C:C1:72:CE:B0:24:CD:BE:5F:03:3E:B7:7B:F3
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:65536
`,
  'werift 0.24, its answer': `
v=0
o=- 58938562 0 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic:WMS *
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:32b1715da3b0ef8ba684454eb 1 udp 2116026367 192.0.2.2 33858 typ host generation 0 ufrag 6da1
a=candidate:9c29a2bc887618212a1623bfa 1 udp 2116026367 2001:db8::2 51899 typ host generation 0 ufrag 6da1
a=end-of-candidates
a=ice-ufrag:6da1
a=ice-pwd:50dc8ad523046c49f3bc12
a=ice-options:trickle
a=fingerprint:sha-256 97:B0:56:5A:9F:E7:5B:79:01:C5:DA:AA:FC:2A:9E:5C:9A:3E:2C:C1:72:CE:B0:24:CD:BE:5F:03:3E:B7:7B:F3
a=setup:active
a=mid:0
a=sctp-port:5000
a=max-message-size:65536
`,
}
