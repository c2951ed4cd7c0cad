import { checkGroup } from './check';

checkGroup('core');
