import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { databaseContract } from './contract.js'

databaseContract('The database on hyperdb', openDatabase)
