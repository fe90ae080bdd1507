const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/

/** Whether only this computer can open the address of this page. */
export const isOnlyHere = LOOPBACK.test(location.hostname)
