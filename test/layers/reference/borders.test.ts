import { checkGroup } from './check';

checkGroup('borders');
