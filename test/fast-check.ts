import fc from 'fast-check'

// By itself fast-check makes at most ten elements where a property says `maxLength: 200`: what a property allows is what it gets.
fc.configureGlobal({ ...fc.readConfigureGlobal(), defaultSizeToMaxWhenMaxSpecified: true })
